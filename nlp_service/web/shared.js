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

// Send a request with the personal key; where the key is missing or wrong, ask for it and send again.
export async function request(path, { body, type = "application/json" } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": type };
  const key = sessionStorage.getItem("key");
  if (key) headers.Authorization = `Bearer ${key}`;
  const response = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body });
  if (response.status === 401) {
    await askKey(key ? "密钥无效，请重新输入" : "");
    return request(path, { body, type });
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    const faults = (problem.errors || []).slice(0, 3).map((fault) => `${fault.pointer}：${fault.detail}`);
    throw new Error([problem.detail || `服务返回 ${response.status}`, ...faults].join("；"));
  }
  return response;
}

export async function call(path, body) {
  const response = await request(path, body ? { body: JSON.stringify(body) } : {});
  return response.json();
}

export function askKey(reason = "") {
  const dialog = byId("key-dialog");
  return new Promise((resolve, reject) => {
    const note = byId("key-note");
    if (note) note.textContent = typeof reason === "string" ? reason : "";
    byId("key-form").onsubmit = () => {
      sessionStorage.setItem("key", byId("key").value.trim());
      byId("key").value = "";
      signedIn(true);
      resolve();
    };
    dialog.onclose = () => reject(new Error("尚未登录"));
    if (!dialog.open) dialog.showModal();
  });
}

export function signedIn(is) {
  byId("key-button").hidden = !is;
  const leave = byId("leave");
  if (leave) leave.hidden = !is;
}

// Offsets are counted in Unicode characters; JavaScript counts UTF-16 units, so rare characters are spread out first.
export const spread = (text, span) => [[...text].slice(0, span[0]).join("").length, [...text].slice(0, span[1]).join("").length];

export const money = (yuan) => (yuan === null || yuan === undefined ? null : `${Number(yuan).toLocaleString("zh-CN")} 元`);
export const said = (value) => (value === true ? "是" : value === false ? "否" : value === null || value === undefined ? "未说明" : String(value));
export const list = (items, options = {}) => element("ul", options, ...items.map((item) => element("li", {}, item)));
export const day = (at) => new Date(at).toLocaleString("zh-CN", { dateStyle: "medium", timeStyle: "short" });
