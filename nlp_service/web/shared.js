// What both pages share: elements without HTML strings, calls with the personal key, offsets in Unicode characters.
export const byId = (id) => document.getElementById(id);

export function element(name, options = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  const key = sessionStorage.getItem("key");
  if (key) headers.Authorization = `Bearer ${key}`;
  const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined });
  const data = await response.json().catch(() => ({}));
  if (response.status === 401) {
    await askKey();
    return call(path, body);
  }
  if (!response.ok) throw new Error(data.detail || `服务返回 ${response.status}`);
  return data;
}

export function askKey() {
  return new Promise((resolve) => {
    byId("key-form").onsubmit = () => {
      sessionStorage.setItem("key", byId("key").value.trim());
      byId("key").value = "";
      byId("key-button").hidden = false;
      resolve();
    };
    byId("key-dialog").showModal();
  });
}

// Offsets are counted in Unicode characters; JavaScript counts UTF-16 units, so rare characters are spread out first.
export const spread = (text, span) => [[...text].slice(0, span[0]).join("").length, [...text].slice(0, span[1]).join("").length];
