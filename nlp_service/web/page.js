// The officer's search page: one form, one answer, a case beside the draft. Everything from the server is put in as text, never as HTML.
import { askKey, byId, call, element, spread } from "./shared.js";

const KINDS = ["不予处罚", "警告", "责令改正", "罚款", "没收违法所得", "没收实物", "限期拆除", "责令停产停业", "吊销许可证件", "行政拘留"];
const EXAMPLE =
  "富阳某机械公司厂房按许可1860平方米建成1912平方米，超建52平方米并向东平移1.2米，尚未竣工验收，位于工业用地，未占用公共设施。自然资源和规划部门复函：可采取改正措施消除对规划实施的影响。拟责令限期拆除。";
const state = { body: null, cursor: null, draft: "", count: 0 };

const money = (yuan) => (yuan === null || yuan === undefined ? null : `${Number(yuan).toLocaleString("zh-CN")} 元`);
const said = (value) => (value === true ? "是" : value === false ? "否" : value === null ? "未说明" : String(value));

function requestBody() {
  const kinds = [...document.querySelectorAll("#kinds input:checked")].map((box) => box.value);
  const fine = byId("fine").value === "" ? null : Number(byId("fine").value);
  const filters = {};
  if (byId("region").value) filters.regions = [byId("region").value];
  if (byId("from").value) filters.decided_from = byId("from").value;
  if (byId("outcome").value) filters.outcomes = [byId("outcome").value];
  const body = { text: byId("draft").value, k: 10, filters };
  if (kinds.length || fine !== null) body.planned = { kinds, fine_yuan: fine };
  return body;
}

async function submit(event) {
  event.preventDefault();
  if (!byId("draft").value.trim()) return say("请先粘贴案情", true);
  state.body = requestBody();
  state.count = 0;
  await ask(null);
}

async function ask(cursor) {
  byId("go").disabled = true;
  byId("more").hidden = true;
  say("正在检索……");
  const started = performance.now();
  try {
    const answer = await call("/v1/cases/search", cursor ? { ...state.body, cursor } : state.body);
    show(answer, cursor !== null);
    say(`${answer.total} 件候选中最相近的 ${state.count} 件，读取 ${answer.read.characters} 字，用时 ${Math.round(performance.now() - started)} 毫秒`);
  } catch (error) {
    say(error.message, true);
  } finally {
    byId("go").disabled = false;
  }
}

function say(text, isError = false) {
  byId("status").textContent = text;
  byId("status").className = isError ? "error" : "";
}

function show(answer, isMore) {
  const results = byId("results");
  if (!isMore) {
    results.replaceChildren();
    summary(answer);
    assessment(answer);
  }
  state.draft = answer.draft;
  if (!isMore && (!answer.is_match || answer.hits.length === 0)) {
    results.append(element("p", { class: "card" }, "没有足够相似的案例。可补充案情（行为、地点、面积、金额、是否改正等）后再检索。"));
  }
  for (const hit of answer.hits) results.append(card(hit));
  state.count += answer.hits.length;
  state.cursor = answer.next_cursor;
  byId("more").hidden = !answer.next_cursor;
  byId("versions").textContent = ` 版本：${Object.entries(answer.versions).map(([name, value]) => `${name} ${value}`).join("，")}`;
  if (!isMore) results.focus({ preventScroll: true });
}

function summary(answer) {
  const body = byId("summary-body");
  body.replaceChildren();
  const likely = answer.causes.slice(0, 3).map((cause) => `${cause.name}（${Math.round(cause.probability * 100)}%）`);
  if (likely.length) body.append(element("p", {}, `可能的案由：${likely.join("；")}`));
  const pivots = Object.entries(answer.pivots).map(([name, value]) => element("li", {}, `${name}：${said(value)}`));
  if (pivots.length) body.append(element("p", {}, "从案情读到的关键事实："), element("ul", { class: "elements" }, ...pivots));
  byId("summary").hidden = !body.childNodes.length;
}

const SVG = "http://www.w3.org/2000/svg";
function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// One bar per disposal: its length is the number of cases, or the weighted share where the sample allows a percentage.
function bars(found) {
  const shares = Object.keys(found.distribution).length ? found.distribution : null;
  const rows = Object.entries(found.counts);
  const top = Math.max(...rows.map(([name, count]) => (shares ? shares[name] : count)));
  const description = rows.map(([name, count]) => `${name}${count}件`).join("，");
  const plot = svg("svg", { viewBox: `0 0 360 ${rows.length * 44}`, class: "bars", role: "img", "aria-label": `同类处置分布：${description}` });
  rows.forEach(([name, count], index) => {
    const value = shares ? shares[name] : count;
    const percent = value < 0.005 ? "不足1%" : `${Math.round(value * 100)}%`;
    const label = shares ? `${percent}（${count}件）` : `${count}件`;
    plot.append(
      svg("text", { x: 0, y: index * 44 + 15 }, name),
      svg("rect", { x: 1, y: index * 44 + 20, width: Math.max(2, (value / top) * 240), height: 16, class: "bar" }),
      svg("text", { x: 8 + (value / top) * 240, y: index * 44 + 33 }, label),
    );
  });
  return plot;
}

function assessment(answer) {
  const found = answer.assessment;
  byId("assessment").hidden = !found;
  byId("guidance").hidden = !answer.guidance;
  if (!found) return;
  state.assessment = answer.assessment_id;
  const planned = Boolean(state.body.planned) || found.signals.length > 0 || found.gap !== null;
  byId("assessment").className = `card ${found.level}`;
  byId("headline").textContent = planned ? found.headline : "同类案件怎么处置";
  const lines = found.text.split("\n").filter((line) => line !== found.headline);
  byId("assessment-body").replaceChildren(...(Object.keys(found.counts).length ? [bars(found)] : []), ...lines.map((line) => element("p", {}, line)));
  byId("response-form").hidden = !planned;
  byId("response-form").reset();
  byId("response-status").textContent = "";
  if (answer.guidance) guidance(answer.guidance);
}

function guidance(found) {
  const list = (title, items) => (items.length ? [element("h3", {}, title), element("ul", {}, ...items.map((item) => element("li", {}, item)))] : []);
  byId("guidance-body").replaceChildren(
    ...list("案情尚未提及的证据", found.missing),
    ...list("案情已提及的证据", found.evidence.filter((item) => item.mention).map((item) => item.item)),
    ...list("须证明的事实", found.elements),
    ...list("从轻情节（案情提及）", found.mitigating.map((item) => item.name)),
    ...list("从重情节（案情提及）", found.aggravating.map((item) => item.name)),
    ...list("程序", Object.values(found.procedure)),
    ...list("常见败诉原因", found.loss_grounds.map((ground) => `${ground.code} ${ground.text}`)),
    ...list("依据", found.citations.map((item) => `${item.cite}${item.status === "checked" ? "" : "（待法制人员核对）"}`)),
  );
}

async function respond(event) {
  event.preventDefault();
  const decision = new FormData(event.target).get("decision");
  try {
    await call(`/v1/assessments/${state.assessment}/response`, { decision, reason: byId("reason").value });
    byId("response-status").textContent = "已记录";
  } catch (error) {
    byId("response-status").textContent = error.message;
  }
}

async function dossier() {
  const headers = { "Content-Type": "application/json" };
  const key = sessionStorage.getItem("key");
  if (key) headers.Authorization = `Bearer ${key}`;
  const response = await fetch("/v1/dossiers", { method: "POST", headers, body: JSON.stringify({ assessment_id: state.assessment }) });
  if (!response.ok) return say("报告未能生成", true);
  const link = element("a", { href: URL.createObjectURL(await response.blob()), download: `类案检索报告-${state.assessment}.docx` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function judging(hit) {
  const group = element("fieldset", { class: "judge" }, element("span", { class: "meta" }, "相似程度"));
  for (const [value, meaning] of ["无关", "参考", "部分类案", "完全类案"].entries()) {
    const button = element("button", { type: "button", class: "quiet", "aria-pressed": "false", title: meaning, "aria-label": `${meaning}（${value}）` }, String(value));
    button.addEventListener("click", async () => {
      try {
        await call("/v1/judgements", { query_id: state.assessment, case_id: hit.case_id, relevance: value });
        group.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      } catch (error) {
        say(error.message, true);
      }
    });
    group.append(button);
  }
  return group;
}

function card(hit) {
  const record = hit.case;
  const corrected = hit.outcome_group === "corrected";
  const facts = [record.agency, record.decided_on, record.doc_no, record.provenance === "synthetic" ? "合成案例" : null].filter(Boolean);
  const disposal = [record.kinds.join("、"), money(record.fine_yuan)].filter(Boolean).join("，");
  const list = [
    ...hit.same.map((item) => element("li", { class: "same" }, `${item.name}：${said(item.theirs)}`)),
    ...hit.different.map((item) => element("li", { class: "different" }, `${item.name}：本案${said(item.ours)}，该案${said(item.theirs)}`)),
    ...hit.unknown.map((item) => element("li", { class: "unknown" }, `${item.name}：${item.ours === null ? "本案" : "该案"}未说明`)),
  ];
  return element(
    "article",
    { class: `card hit${corrected ? " counter" : ""}` },
    element(
      "header",
      {},
      element("span", { class: "rank" }, String(hit.rank)),
      element("h3", {}, record.title || record.case_id),
      element("span", { class: `badge ${hit.outcome_group}` }, hit.outcome),
    ),
    corrected ? element("p", { class: "counter-note" }, `反面案例，不作参照：${record.review.reason || "处罚决定被纠正"}`) : null,
    element("p", {}, `处置：${disposal || "未载明"}`),
    element("p", { class: "meta" }, facts.join(" · ")),
    list.length ? element("ul", { class: "elements" }, ...list) : null,
    element("div", { class: "row" }, element("button", { type: "button", class: "quiet", onclick: () => open(hit) }, "与本案对照"), judging(hit)),
  );
}

function marked(text, spans, side) {
  const nodes = [];
  let at = 0;
  spans
    .map((span, index) => ({ start: span[0], end: span[1], index }))
    .sort((a, b) => a.start - b.start)
    .forEach(({ start, end, index }) => {
      if (start < at) return;
      const node = element("mark", { tabindex: "0", "data-pair": String(index), title: side === "ours" ? "点击看类案对应处" : "点击看本案对应处" }, text.slice(start, end));
      const jump = () => pair(index, side === "ours" ? "theirs" : "ours");
      node.addEventListener("click", jump);
      node.addEventListener("keydown", (event) => event.key === "Enter" && jump());
      nodes.push(text.slice(at, start), node);
      at = end;
    });
  nodes.push(text.slice(at));
  return nodes;
}

function pair(index, side) {
  document.querySelectorAll("mark.on").forEach((node) => node.classList.remove("on"));
  document.querySelectorAll(`mark[data-pair="${index}"]`).forEach((node) => node.classList.add("on"));
  byId(side).querySelector(`mark[data-pair="${index}"]`)?.scrollIntoView({ block: "center" });
}

function open(hit) {
  const record = hit.case;
  byId("case-title").textContent = record.title || record.case_id;
  byId("ours").replaceChildren(...marked(state.draft, hit.passages.map((p) => spread(state.draft, p.draft)), "ours"));
  const parts = [element("h4", {}, "事实"), ...marked(record.facts, hit.passages.map((p) => spread(record.facts, p.case)), "theirs")];
  for (const [title, text] of [["理由", record.reasoning], ["处理", record.disposition], ["依据", record.basis.join("；")]]) {
    if (text) parts.push(element("h4", {}, title), text);
  }
  if (record.review) parts.push(element("h4", {}, "复议诉讼"), `${record.review.type}：${record.review.result}。${record.review.reason}`);
  byId("theirs").replaceChildren(...parts);
  byId("case-dialog").showModal();
}

for (const kind of KINDS) byId("kinds").append(element("label", {}, element("input", { type: "checkbox", value: kind }), kind));
byId("draft-form").addEventListener("submit", submit);
byId("response-form").addEventListener("submit", respond);
byId("dossier").addEventListener("click", dossier);
byId("more").addEventListener("click", () => ask(state.cursor));
byId("close").addEventListener("click", () => byId("case-dialog").close());
byId("example").addEventListener("click", () => { byId("draft").value = EXAMPLE; byId("draft").focus(); });
byId("key-button").addEventListener("click", askKey);
byId("key-button").hidden = !sessionStorage.getItem("key");
byId("file").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  if (file) byId("draft").value = await file.text();
});
