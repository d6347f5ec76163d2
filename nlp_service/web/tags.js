// The page for trying a report: tags in place, each with its status, its reason and what to do. Everything from the server is put in as text.
import { askKey, byId, call, element, spread } from "./shared.js";

const STATUS = { confirmed: ["✓", "确认"], suspected: ["？", "疑似"], rejected: ["✕", "不计"] };
const SOURCE = { rule: "规则", model: "模型", both: "规则与模型", person: "人工" };
const LEVEL = {
  L0: ["绿", "正常，仅记录"],
  L1: ["蓝", "关注，7日内处理"],
  L2: ["黄", "3日内核实"],
  L3: ["橙", "24小时内由司法所核实"],
  L4: ["红", "即时处理：人身安全或者脱管"],
};
const SCHEMES = { correction: "社区矫正（correction）", grid: "基层网格（grid）" };
const EXAMPLE = "矫正对象今朝没来报到，电话关机，打他老婆说昨日子夜快就没回来，不晓得跑哪去了。桌上有酒瓶，说是弟弟喝的，他自己没有再喝酒。";

function say(text, isError = false) {
  byId("status").textContent = text;
  byId("status").className = isError ? "error" : "";
}

async function submit(event) {
  event.preventDefault();
  const text = byId("text").value;
  if (!text.trim()) return say("请先填写报告内容", true);
  byId("go").disabled = true;
  say("正在打标签……");
  const started = performance.now();
  try {
    const body = { scheme: byId("scheme").value, explain: true, plan: true, store: false, reports: [{ report_id: "试用", text }] };
    const answer = await call("/v1/tags", body);
    const [result] = answer.results;
    if (result.error) throw new Error(result.error);
    show(text, result, answer);
    say(`${result.tags.filter((tag) => tag.status !== "rejected").length} 个标签，用时 ${Math.round(performance.now() - started)} 毫秒`);
  } catch (error) {
    hide();
    say(error.message, true);
  } finally {
    byId("go").disabled = false;
  }
}

function hide() {
  byId("answer").hidden = true;
  byId("tags").replaceChildren();
  byId("note").textContent = "";
  hideTip();
}

function show(text, result, answer) {
  hideTip();
  const rows = described(result);
  byId("answer").hidden = false;
  if (result.abstained) {
    byId("level").textContent = "未作判断";
    byId("level-meaning").textContent = "文字太少，或者不是中文报告";
  } else {
    byId("level").textContent = `${result.level}（${LEVEL[result.level][0]}）`;
    byId("level-meaning").textContent = LEVEL[result.level][1];
  }
  byId("marked").replaceChildren(...marked(text, rows));
  byId("tags").replaceChildren(...rows.map(card));
  byId("note").textContent = answer.note;
  byId("versions").textContent = ` 版本：${Object.entries(answer.versions).map(([name, value]) => `${name} ${value}`).join("，")}`;
  byId("answer").focus({ preventScroll: true });
}

// One row per tag: what the tagger said, its name and what the plan suggests, and one sentence why.
function described(result) {
  const plan = result.plan || { items: [], to_verify: [], excluded: [] };
  const planned = new Map([...plan.items, ...plan.to_verify, ...plan.excluded].map((row) => [row.tag, row]));
  return result.tags.map((tag) => {
    const row = planned.get(tag.tag) || {};
    const own = tag.status === "rejected" ? row.counter_evidence || [] : row.reasons || [];
    const because = own.flatMap((reason) => reason.because);
    return { ...tag, row, name: row.name || tag.tag, because, why: why(tag, row.name || tag.tag, because) };
  });
}

function why(tag, name, because) {
  const [sign, word] = STATUS[tag.status];
  const percent = `${Math.round(tag.score * 100)}%`;
  const reasons = because.length ? `原因：${because.join("；")}。` : "";
  return `${sign} ${name}（${tag.tag}）${word}，由${SOURCE[tag.source] || tag.source}得出，概率${percent}。${reasons}`;
}

// Spans of several tags may overlap: the text is cut at every border, and each piece knows all its tags.
function marked(text, rows) {
  const spans = rows.flatMap((row) => row.spans.map((span) => ({ row, span: spread(text, span) })));
  const borders = [...new Set([0, text.length, ...spans.flatMap(({ span }) => span)])].sort((a, b) => a - b);
  return borders.slice(0, -1).map((start, index) => {
    const piece = text.slice(start, borders[index + 1]);
    const found = spans.filter(({ span }) => span[0] <= start && start < span[1]).map(({ row }) => row);
    return found.length ? mark(piece, [...new Set(found)]) : document.createTextNode(piece);
  });
}

function mark(piece, rows) {
  const strongest = ["confirmed", "suspected", "rejected"].find((status) => rows.some((row) => row.status === status));
  const node = element(
    "mark",
    { class: `tag ${strongest}`, tabindex: "0", role: "button", "aria-describedby": rows.map((row) => `why-${row.tag}`).join(" "), "data-tags": rows.map((row) => row.tag).join(" ") },
    piece,
    element("span", { class: "sign" }, rows.map((row) => `${STATUS[row.status][0]}${row.tag}`).join(" ")),
  );
  const open = () => showTip(node, rows.map((row) => row.why));
  const jump = () => byId(`tag-${rows[0].tag}`).focus();
  for (const name of ["mouseenter", "focus"]) node.addEventListener(name, open);
  for (const name of ["mouseleave", "blur"]) node.addEventListener(name, hideTip);
  node.addEventListener("click", jump);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    jump();
  });
  return node;
}

function showTip(node, lines) {
  const tip = byId("tip");
  tip.replaceChildren(...lines.map((line) => element("p", {}, line)));
  tip.hidden = false;
  const box = byId("answer").getBoundingClientRect();
  const at = node.getBoundingClientRect();
  tip.style.left = `${Math.max(0, Math.min(at.left - box.left, box.width - tip.offsetWidth - 2))}px`;
  tip.style.top = `${at.bottom - box.top + 6}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

function card(item) {
  const { row } = item;
  const [sign, word] = STATUS[item.status];
  const list = (title, words) => (words && words.length ? [element("h4", {}, title), element("ul", {}, ...words.map((text) => element("li", {}, text)))] : []);
  const law = (basis) => `《${basis.law}》${basis.article}${basis.status === "checked" ? "" : "（待法制人员核对）"}`;
  const body = [];
  if (item.status === "confirmed" && row.measures) {
    body.push(
      element("p", {}, `需求：${row.need}。目标：${row.goal}。`),
      ...list(`建议措施（${row.status}）`, row.measures),
      element("p", { class: "meta" }, `承办：${row.who}；${row.due_on} 前；${row.review_on} 复核；停用条件：${row.stop_when}`),
      ...list("依据", row.basis.map(law)),
    );
  }
  if (item.status === "suspected" && row.what) body.push(element("p", {}, `请先核实：${row.what}（${row.who}，${row.due_on} 前）`));
  const against = item.status === "rejected" ? [] : (row.counter_evidence || []).map((one) => `${one.words.join("、")}：${one.because.join("；")}`);
  body.push(...list("反面的说法", against));
  return element(
    "article",
    { class: "card", id: `tag-${item.tag}`, tabindex: "-1" },
    element("h3", {}, `${item.name}（${item.tag}） `, element("span", { class: `tag ${item.status}` }, `${sign} ${word}`)),
    element("p", { id: `why-${item.tag}`, class: "meta" }, item.why),
    ...body,
  );
}

async function listSchemes() {
  const names = await call("/v1/schemes");
  const chosen = byId("scheme").value;
  byId("scheme").replaceChildren(...names.map((name) => element("option", { value: name }, SCHEMES[name] || name)));
  byId("scheme").value = names.includes(chosen) ? chosen : names[0];
}

byId("tag-form").addEventListener("submit", submit);
byId("example").addEventListener("click", () => { byId("text").value = EXAMPLE; byId("text").focus(); });
byId("key-button").addEventListener("click", () => askKey().catch(() => {}));
byId("key-button").hidden = !sessionStorage.getItem("key");
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
listSchemes().catch((error) => say(error.message, true));
