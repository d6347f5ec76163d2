// A case beside the draft: sentences that say the same are numbered and linked both ways, elements are set side by side.
import { byId, element, said, spread } from "./shared.js";

const NUMBERS = "①②③④⑤⑥⑦⑧⑨";

function marked(text, spans, side) {
  const nodes = [];
  let at = 0;
  spans
    .map((span, index) => ({ start: span[0], end: span[1], index }))
    .sort((a, b) => a.start - b.start)
    .forEach(({ start, end, index }) => {
      if (start < at) return;
      const where = side === "ours" ? "类案" : "本案";
      const node = element("mark", { tabindex: "0", role: "button", "data-pair": String(index), title: `跳到${where}里相近的句子` }, element("sup", {}, NUMBERS[index] || "·"), text.slice(start, end));
      const jump = () => light(index, side === "ours" ? "theirs" : "ours");
      node.addEventListener("click", jump);
      node.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        jump();
      });
      nodes.push(text.slice(at, start), node);
      at = end;
    });
  nodes.push(text.slice(at));
  return nodes;
}

function light(index, ...sides) {
  document.querySelectorAll("mark.on").forEach((node) => node.classList.remove("on"));
  document.querySelectorAll(`mark[data-pair="${index}"]`).forEach((node) => node.classList.add("on"));
  byId("pairs").querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.pair === String(index))));
  for (const side of sides) byId(side).querySelector(`mark[data-pair="${index}"]`)?.scrollIntoView({ block: "nearest" });
  if (sides.length === 1) byId(sides[0]).querySelector(`mark[data-pair="${index}"]`)?.focus({ preventScroll: true });
}

export function openCase(hit, draft) {
  const record = hit.case;
  byId("case-title").textContent = record.title || record.case_id;
  byId("ours").replaceChildren(...marked(draft, hit.passages.map((p) => spread(draft, p.draft)), "ours"));
  const parts = [element("h4", {}, "事实"), ...marked(record.facts, hit.passages.map((p) => spread(record.facts, p.case)), "theirs")];
  for (const [title, text] of [["理由", record.reasoning], ["处理", record.disposition], ["依据", record.basis.join("；")]]) {
    if (text) parts.push(element("h4", {}, title), text);
  }
  if (record.review) parts.push(element("h4", {}, "复议诉讼"), `${record.review.type}：${record.review.result}。${record.review.reason}`);
  byId("theirs").replaceChildren(...parts);
  byId("pairs").replaceChildren(
    ...hit.passages.map((passage, index) => element("button", { type: "button", class: "chip", "data-pair": String(index), "aria-pressed": "false", onclick: () => light(index, "ours", "theirs") }, `${NUMBERS[index] || "·"} ${passage.words.slice(0, 4).join("、")}`)),
  );
  byId("compared").replaceChildren(table(hit));
  byId("case-dialog").showModal();
}

function table(hit) {
  const rows = [
    ...hit.different.map((item) => ["≠ 不同", item, "different"]),
    ...hit.same.map((item) => ["＝ 相同", item, "same"]),
    ...hit.unknown.map((item) => ["？ 待核", item, "unknown"]),
  ];
  if (!rows.length) return element("p", { class: "meta" }, "没有可以对照的要素。");
  const head = ["", "要素", "本案", "该案"].map((name) => element("th", { scope: "col" }, name || element("span", { class: "hidden" }, "异同")));
  const body = rows.map(([sign, item, kind]) => element("tr", { class: kind }, element("td", {}, sign), element("th", { scope: "row" }, item.name, item.decisive ? element("span", { class: "meta" }, "（关键）") : null), element("td", {}, said(item.ours)), element("td", {}, said(item.theirs))));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "要素对照" }, element("table", { class: "compare" }, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body)));
}
