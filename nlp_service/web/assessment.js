// What is said before the decision: reasons, plots, questions, points of law, what would change the picture, guidance. A person decides.
import { byId, element, list, money } from "./shared.js";
import { disposals, fines, places, reviewed } from "./plots.js";

const DIRECTION = { heavier: "↑ 拟处置偏重", lighter: "↓ 拟处置偏轻", other: "↕ 拟处置不同" };
const LEVEL = { none: "＝ 未见明显差异", insufficient: "… 样本不足，仅列案件", notice: "", warning: "" };
const KIND = { pivot: "关键事实", mitigating: "从轻情节", aggravating: "从重情节" };
const STATUS = (status) => element("span", { class: `status ${status}` }, status === "checked" ? "已核" : "待核");

export function showAssessment(answer, hasPlan, { answerPivot, choose, chosen }) {
  const found = answer.assessment;
  byId("assessment").hidden = !found;
  byId("guidance").hidden = !answer.guidance;
  if (!found) return;
  byId("assessment").className = `card ${found.level}`;
  byId("headline").textContent = found.n ? (hasPlan ? found.headline : "同类案件怎么处置") : "没有可供比较的案件";
  const isMixed = (found.others || []).some((item) => item.relation === "separate") && !chosen;
  const isUnknown = !found.situation;
  const isUnsure = found.level === "insufficient" && !chosen && (found.rivals || []).length > 0;
  byId("direction").textContent = !hasPlan ? "" : isMixed ? "… 先分清行为" : isUnknown || isUnsure ? "… 先确定行为" : DIRECTION[found.direction] || LEVEL[found.level];
  if (isUnknown) byId("headline").textContent = found.rivals && found.rivals.length ? "未能确定违法行为" : "没有可供比较的案件";
  const lines = found.text.split("\n");
  byId("disclaimer").textContent = lines[lines.length - 1];
  const reasons = [...new Set(found.signals.map((signal) => signal.text))];
  byId("reasons").replaceChildren(...(reasons.length ? [list(reasons, { class: "reasons" })] : []));
  notes(found, answer, choose, chosen);
  statute(found);
  byId("plots").replaceChildren(...[disposals(found), fines(found), reviewed(found), places(found)].filter(Boolean));
  const drawn = [found.places.length > 1 ? "分地区" : null, Object.keys(found.counts).length ? "检索到" : null, "受审查"].filter(Boolean); // the plots say these already
  const said = isUnknown ? [] : found.sentences.length ? found.sentences.filter((line) => !drawn.some((start) => line.startsWith(start))) : lines.slice(0, -1);
  byId("sentences").replaceChildren(...said.map((line) => element("p", {}, line)));
  questions(found, answer.pivots, answerPivot);
  findings(found);
  whatIf(found);
  byId("response-form").hidden = !hasPlan || isUnknown;
  byId("response-form").reset();
  byId("response-status").textContent = "";
  if (answer.guidance) guidance(answer.guidance);
}

// Why something is not compared; and where it is not clear which violation is meant, the choice.
function notes(found, answer, choose, chosen) {
  const rows = (found.notes || []).map((text) => element("p", {}, text));
  const separate = (found.others || []).filter((item) => item.relation === "separate");
  const near = found.rivals || [];
  if (chosen) {
    rows.push(element("p", { class: "picks" }, element("button", { type: "button", class: "quiet", onclick: () => choose("") }, "不再指定违法行为")));
  } else if (separate.length || near.length) {
    const own = answer.violation && found.situation ? [{ code: answer.violation, name: (answer.guidance && answer.guidance.violation) || answer.violation }] : [];
    const options = new Map([...own, ...separate, ...near].map((item) => [item.code, item.name]));
    rows.push(element("p", { class: "picks", role: "group", "aria-label": "选定违法行为" },
      ...[...options].map(([code, name]) => element("button", { type: "button", class: "quiet", onclick: () => choose(code) }, `按“${name}”比较`))));
  }
  byId("notes").replaceChildren(...(rows.length ? [element("div", { class: "notes" }, ...rows)] : []));
}

// What the statute leaves open comes before what others did.
function statute(found) {
  const options = found.options || [];
  const row = (item) => element("li", { class: item.is_indicated ? "indicated" : "" }, item.is_indicated ? element("b", {}, "案情指向：") : null, item.text, " ", STATUS(item.status));
  const plain = options.filter((item) => !item.is_mild);
  const mild = options.filter((item) => item.is_mild);
  const parts = [];
  if (plain.length) parts.push(element("ul", {}, ...plain.map(row)));
  if (mild.length) {
    const box = element("details", {}, element("summary", {}, "不予处罚、减轻处罚的途径 ", element("span", { class: "count" }, `${mild.length}项`)), element("ul", {}, ...mild.map(row)));
    box.open = !plain.length || mild.length + plain.length <= 4;
    parts.push(box);
  }
  for (const other of (found.others || []).filter((item) => item.options.length)) {
    parts.push(element("details", {}, element("summary", {}, `“${other.name}”的法定处置`), element("p", { class: "meta" }, `案情写到：${other.clause}`), list(other.options)));
  }
  byId("statute").replaceChildren(...(parts.length ? [element("h3", {}, "法定处置"), element("p", { class: "meta" }, `${found.law}。`), ...parts] : []));
}

// The facts on which the disposal turns: each can be answered here, and the comparison is made again.
function questions(found, pivots, answerPivot) {
  const box = byId("questions");
  box.replaceChildren();
  const open = found.open_pivots.filter((pivot) => pivot.type === "bool").slice(0, 8);
  if (!open.length) return;
  const rows = open.map((pivot) => {
    const pick = (value) => element("button", { type: "button", class: "quiet", onclick: () => answerPivot(pivot.name, value) }, value ? "是" : "否");
    return element("li", {}, element("span", {}, pivot.question), element("span", { class: "pick", role: "group", "aria-label": pivot.question }, pick(true), pick(false)));
  });
  box.append(element("h3", {}, "请先核对这些事实"), element("p", { class: "meta" }, "案情没有写明；点“是”或“否”重新比较，不清楚的留空。"), element("ul", { class: "questions" }, ...rows));
}

function findings(found) {
  const rows = found.findings.map((item) =>
    element("li", { class: item.direction ? "departs" : "" },
      element("p", {}, item.text, " ", STATUS(item.status)),
      element("p", { class: "meta" }, item.cite.length ? `依据：${item.cite.join("、")}。` : "", `请核对：${item.check}`)));
  byId("findings-box").hidden = !rows.length;
  byId("findings-count").textContent = rows.length ? `${rows.length}项` : "";
  byId("findings").replaceChildren(element("ul", { class: "findings" }, ...rows));
}

function whatIf(found) {
  const rows = found.counterfactuals.filter((item) => item.n >= 2).slice(0, 14);
  byId("what-if-box").hidden = !rows.length;
  const counts = (item) => Object.entries(item.counts).map(([name, count]) => `${name}${count}件`).join("，");
  byId("what-if").replaceChildren(
    element("p", { class: "meta" }, "列出有这一事实的可比案件怎么处置；不足五件的只列件数。"),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "哪些事实会改变比较结果" },
      element("table", {},
        element("thead", {}, element("tr", {}, ...["如果查明", "可比案件", "多数处置"].map((name) => element("th", { scope: "col" }, name)))),
        element("tbody", {}, ...rows.map((item) => element("tr", {},
          element("th", { scope: "row" }, `${KIND[item.kind]}：${item.pivot}${item.kind === "pivot" ? (item.value ? "＝是" : "＝否") : ""}`),
          element("td", {}, `${item.n}件（${counts(item)}）`),
          element("td", {}, item.median || "不足五件")))))),
  );
}

function guidance(found) {
  const part = (title, body, isOpen = false) => {
    const box = element("details", {}, element("summary", {}, title), body);
    box.open = isOpen;
    return box;
  };
  const held = found.evidence.filter((item) => item.mention).map((item) => item.item);
  const parts = [];
  if (found.missing.length || held.length) {
    const marks = [...found.missing.map((item) => element("li", { class: "lacking" }, item)), ...held.map((item) => element("li", { class: "held" }, item))];
    parts.push(part(`证据：案情未提及 ${found.missing.length} 项，已提及 ${held.length} 项`, element("ul", { class: "evidence" }, ...marks), true));
  }
  if (found.elements.length) parts.push(part("须证明的事实", list(found.elements)));
  const factors = [...found.mitigating.map((item) => `从轻：${item.name}`), ...found.aggravating.map((item) => `从重：${item.name}`)];
  if (factors.length) parts.push(part("案情提到的情节", list(factors), true));
  if (found.steps.length) parts.push(part("标准步骤", element("ol", { class: "steps" }, ...found.steps.map((step) => element("li", {}, step)))));
  const procedure = Object.values(found.procedure);
  if (procedure.length) parts.push(part("程序", list(procedure)));
  if (found.loss_grounds.length) parts.push(part("常见败诉原因（对照用，不是概率）", list(found.loss_grounds.map((ground) => `${ground.code} ${ground.text}`))));
  if (found.citations.length) parts.push(part("条款", element("ul", {}, ...found.citations.map((item) => element("li", {}, item.cite, " ", STATUS(item.status))))));
  byId("guidance-body").replaceChildren(...parts);
}

export function showSummary(answer) {
  const body = byId("summary-body");
  body.replaceChildren();
  const causes = answer.causes.slice(0, 3).map((cause) => cause.name);
  if (causes.length) body.append(element("p", {}, element("b", {}, "可能的案由："), causes.join("；")));
  const situation = (answer.assessment && answer.assessment.situation) || {};
  const plan = answer.planned && [...answer.planned.kinds.filter((kind) => kind !== "罚款" || !answer.planned.fine_yuan), answer.planned.fine_yuan ? `罚款${money(answer.planned.fine_yuan)}` : null].filter(Boolean).join("、");
  const rows = Object.entries(answer.pivots).map(([name, value]) => [name, value === true ? "是" : value === false ? "否" : String(value)]);
  const known = [["当事人", situation.party], ["行为终了", situation.ended_on], ["发现", situation.found_on], ["计罚基数", situation.base_yuan && `${Number(situation.base_yuan).toLocaleString("zh-CN")}元`]];
  rows.push(...known.filter(([, value]) => value));
  if (plan) rows.unshift(["拟作处理", plan]);
  if (rows.length) body.append(element("dl", { class: "facts" }, ...rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))));
  body.append(element("p", { class: "meta" }, `读取案情 ${answer.read.characters} 字（共 ${answer.read.of} 字）；读得不对的，请在案情里写明或在左侧填写。`));
  byId("summary").hidden = !causes.length && !rows.length;
}
