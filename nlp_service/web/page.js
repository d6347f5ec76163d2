// The officer's search page: one form, one answer, own history. Everything from the server is put in as text, never as HTML.
import { showAssessment, showSummary } from "./assessment.js";
import { openCase } from "./compare.js";
import { hitCard, showFacets, storedCard } from "./hits.js";
import { askKey, byId, call, day, element, request, signedIn } from "./shared.js";

const KINDS = ["不予处罚", "警告", "责令改正", "罚款", "没收违法所得", "没收非法财物", "没收实物", "限期拆除", "恢复原状", "责令停产停业", "吊销许可证件", "行政拘留"];
const PLACES = {
  33: "浙江省", 3301: "杭州市", 330111: "富阳区", 330122: "桐庐县", 3302: "宁波市", 3303: "温州市", 3304: "嘉兴市", 330483: "桐乡市", 3305: "湖州市", 3306: "绍兴市",
  3307: "金华市", 3308: "衢州市", 3309: "舟山市", 3310: "台州市", 3311: "丽水市",
};
const EXAMPLE =
  "富阳某机械公司厂房按许可1860平方米建成1912平方米，超建52平方米并向东平移1.2米，尚未竣工验收，位于工业用地，未占用公共设施。自然资源和规划部门复函：可采取改正措施消除对规划实施的影响。拟责令限期拆除。";
const MAX_UPLOAD = 4 * 1024 * 1024;
const state = { body: null, cursor: null, draft: "", count: 0, assessment: null, pivots: {}, cause: "", chosen: none() };

function none() {
  return { region: [], year: [], kind: [], outcome: [] };
}

const number = (id) => (byId(id).value === "" ? null : Number(byId(id).value));

function planned() {
  const kinds = [...document.querySelectorAll("#kinds input:checked")].map((box) => box.value);
  const plan = { kinds, fine_yuan: number("fine"), base_amount_yuan: number("base"), deadline_days: number("days") };
  return kinds.length || plan.fine_yuan !== null ? plan : null;
}

function filters() {
  const chosen = state.chosen;
  const found = {};
  const regions = chosen.region.length ? chosen.region : byId("region").value ? [byId("region").value] : [];
  if (regions.length) found.regions = regions;
  if (chosen.kind.length) found.kinds = chosen.kind;
  if (chosen.outcome.length) found.outcomes = chosen.outcome;
  const years = [...chosen.year].sort();
  const from = years.length ? `${years[0]}-01-01` : byId("from").value;
  const to = years.length ? `${years[years.length - 1]}-12-31` : byId("to").value;
  if (from) found.decided_from = from;
  if (to) found.decided_to = to;
  return found;
}

function requestBody() {
  const body = { text: byId("draft").value, k: 10, filters: filters(), pivots: state.pivots };
  const plan = planned();
  if (plan) body.planned = plan;
  if (byId("party").value) body.party = byId("party").value;
  if (byId("place").value) body.region = byId("place").value;
  if (byId("act-on").value) body.act_on = byId("act-on").value;
  if (state.cause) body.cause = state.cause;
  return body;
}

async function submit(event) {
  event.preventDefault();
  if (!byId("draft").value.trim()) return say("请先粘贴或上传案情", true);
  state.pivots = {};
  state.cause = "";
  state.chosen = none();
  await ask(null);
}

async function ask(cursor) {
  if (!cursor) state.body = requestBody();
  busy(true);
  say(cursor ? "正在读取更多……" : "正在检索、比较……");
  const started = performance.now();
  try {
    const answer = await call("/v1/cases/search", cursor ? { ...state.body, cursor } : state.body);
    show(answer, cursor !== null);
    say(`${answer.total} 件候选中最相近的 ${state.count} 件，读取 ${answer.read.characters} 字，用时 ${Math.round(performance.now() - started)} 毫秒`);
  } catch (error) {
    say(error.message, true);
  } finally {
    busy(false);
  }
}

function busy(is) {
  byId("progress").hidden = !is;
  byId("go").disabled = is;
  byId("answer").setAttribute("aria-busy", String(is));
  if (is) byId("more").hidden = true;
}

function say(text, isError = false) {
  byId("status").textContent = text;
  byId("status").className = isError ? "error" : "";
}

function show(answer, isMore) {
  const results = byId("results");
  state.draft = answer.draft;
  if (!isMore) {
    state.count = 0;
    state.assessment = answer.assessment_id;
    byId("start").hidden = true;
    byId("stored").hidden = true;
    byId("found").hidden = false;
    results.replaceChildren();
    showSummary(answer);
    showAssessment(answer, Boolean(answer.planned), { answerPivot, choose, chosen: state.cause });
    showFacets(answer.facets, state.chosen, toggle);
    if (!answer.is_match) {
      results.append(element("p", { class: "card", id: "no-match" }, element("strong", {}, `${answer.notice}。`), "可补充案情（行为、地点、面积、金额、是否改正等）后再检索；检索报告会写明检索式。"));
    }
  }
  for (const hit of answer.hits) results.append(hitCard(hit, { compare: (one) => openCase(one, state.draft), queryId: state.assessment, say, isSimilar: answer.is_match }));
  state.count += answer.hits.length;
  state.cursor = answer.next_cursor;
  byId("more").hidden = !answer.next_cursor;
  byId("versions").textContent = ` 版本：${Object.entries(answer.versions).map(([name, value]) => `${name} ${value}`).join("，")}`;
  if (!isMore) reveal();
}

// Bring the answer to eyes and screen reader; on a wide screen it often stands there already.
function reveal() {
  const { top } = byId("answer").getBoundingClientRect();
  if (top < 0 || top > window.innerHeight / 2) byId("answer").scrollIntoView();
  byId("answer").focus({ preventScroll: true });
}

function answerPivot(name, value) {
  state.pivots = { ...state.pivots, [name]: value };
  ask(null);
}

// One of several violations is picked, or none any more: facts answered for another are no facts of this one.
function choose(code) {
  state.cause = code;
  state.pivots = {};
  ask(null);
}

function toggle(name, value) {
  const values = state.chosen[name];
  const next = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
  state.chosen = { ...state.chosen, [name]: name === "year" ? next.slice(-1) : next };
  ask(null);
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
  byId("dossier").disabled = true;
  try {
    const response = await request("/v1/dossiers", { body: JSON.stringify({ assessment_id: state.assessment }) });
    const link = element("a", { href: URL.createObjectURL(await response.blob()), download: `类案检索报告-${state.assessment}.docx` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say("报告已下载");
  } catch (error) {
    say(`报告未能生成：${error.message}`, true);
  } finally {
    byId("dossier").disabled = false;
  }
}

async function upload(file) {
  if (!file) return;
  if (file.size > MAX_UPLOAD) return say("文件超过 4 MB：请只上传本案的案情部分", true);
  say(`正在读取 ${file.name}……`);
  byId("progress").hidden = false;
  try {
    const response = await request(`/v1/drafts:read?name=${encodeURIComponent(file.name)}`, { body: file, type: "application/octet-stream" });
    const found = await response.json();
    byId("draft").value = found.text;
    if (state.isFilled) fillPlan(null);
    say(`已读入 ${found.characters} 字${found.n_masked ? `，脱敏 ${found.n_masked} 字` : ""}，请检查后检索`);
    byId("draft").focus();
  } catch (error) {
    say(error.message, true);
  } finally {
    byId("progress").hidden = true;
    byId("file").value = "";
  }
}

async function history() {
  const box = byId("history");
  box.replaceChildren(element("p", { class: "meta" }, "正在读取……"));
  byId("history-dialog").showModal();
  try {
    const rows = await call("/v1/assessments");
    const LEVEL = { warning: "差异较大", notice: "有差异", none: "未见差异", insufficient: "样本不足" };
    box.replaceChildren(
      rows.length
        ? element("ul", { class: "history" }, ...rows.map((row) => element("li", {},
            element("button", { type: "button", class: "entry", onclick: () => reopen(row.assessment_id) },
              element("span", { class: "entry-head" }, element("span", {}, day(row.at)), element("span", { class: "status" }, LEVEL[row.level]), element("span", { class: "status" }, row.answered ? "已填理由" : "未填理由")),
              element("span", {}, row.draft), element("span", { class: "meta" }, `拟作处理：${row.planned}`)))))
        : element("p", {}, "还没有评估。"),
    );
  } catch (error) {
    box.replaceChildren(element("p", { class: "error" }, error.message));
  }
}

async function reopen(id) {
  const stored = await call(`/v1/assessments/${id}`);
  byId("history-dialog").close();
  byId("draft").value = stored.draft;
  fillPlan(stored.planned);
  state.assessment = id;
  state.draft = stored.draft;
  state.pivots = {};
  state.cause = "";
  state.chosen = none();
  byId("start").hidden = true;
  byId("stored").hidden = false;
  const answers = stored.responses.map((item) => `${item.adopted ? "已采纳" : "未采纳"}：${item.reason}`);
  byId("stored").textContent = `已存评估 ${id}，${day(stored.at)}。${answers.join("；") || "尚未填写采纳与否。"}下面是当时所见；按“检索类案”用现在的案例库重新比较。`;
  showSummary({ ...stored, causes: [] });
  showAssessment(stored, Boolean(stored.planned), { answerPivot, choose, chosen: "" });
  byId("found").hidden = false;
  byId("facets").replaceChildren();
  byId("clear").hidden = true;
  byId("more").hidden = true;
  byId("results").replaceChildren(...stored.cases.map(storedCard));
  say("");
  reveal();
}

// A plan that came with a stored draft goes when another draft is written over it.
function fillPlan(plan) {
  state.isFilled = Boolean(plan);
  document.querySelectorAll("#kinds input").forEach((box) => { box.checked = Boolean(plan) && plan.kinds.includes(box.value); });
  byId("fine").value = (plan && plan.fine_yuan) || "";
  byId("base").value = (plan && plan.base_amount_yuan) || "";
  byId("days").value = (plan && plan.deadline_days) || "";
}

for (const kind of KINDS) byId("kinds").append(element("label", {}, element("input", { type: "checkbox", value: kind }), kind));
for (const [code, name] of Object.entries(PLACES)) {
  byId("region").append(element("option", { value: code }, name));
  if (code !== "33") byId("place").append(element("option", { value: code.padEnd(6, "0") }, name));
}
byId("draft-form").addEventListener("submit", submit);
byId("response-form").addEventListener("submit", respond);
byId("dossier").addEventListener("click", dossier);
byId("print").addEventListener("click", () => window.print());
byId("more").addEventListener("click", () => ask(state.cursor));
byId("clear").addEventListener("click", () => { state.chosen = none(); ask(null); });
byId("close").addEventListener("click", () => byId("case-dialog").close());
byId("history-button").addEventListener("click", history);
byId("history-close").addEventListener("click", () => byId("history-dialog").close());
byId("example").addEventListener("click", () => { byId("draft").value = EXAMPLE; fillPlan(null); byId("draft").focus(); });
byId("key-button").addEventListener("click", () => askKey().catch(() => {}));
byId("leave").addEventListener("click", () => { sessionStorage.removeItem("key"); signedIn(false); location.reload(); });
byId("file").addEventListener("change", (event) => upload(event.target.files[0]));
byId("draft").addEventListener("input", () => { if (state.isFilled) fillPlan(null); });
byId("draft").addEventListener("dragover", (event) => event.preventDefault());
byId("draft").addEventListener("drop", (event) => { if (event.dataTransfer.files.length) { event.preventDefault(); upload(event.dataTransfer.files[0]); } });
window.addEventListener("beforeprint", () => document.querySelectorAll("#answer details").forEach((box) => { box.open = true; })); // paper cannot be unfolded
signedIn(Boolean(sessionStorage.getItem("key")));
call("/v1/versions").catch((error) => say(error.message, true)); // asks for the key at once where keys are on
