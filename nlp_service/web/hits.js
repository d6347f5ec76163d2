// The cases found: badges, what is the same and what differs, judging, and the counted filters above them.
import { byId, call, element, money, said } from "./shared.js";

const MEANING = ["无关", "参考", "部分类案", "完全类案"];
const FACETS = { region: "地区", year: "年份", kind: "处置", outcome: "复议诉讼" };
const SHOWN = 7;

export function showFacets(facets, chosen, toggle) {
  const groups = Object.entries(FACETS).map(([name, title]) => {
    const rows = [...facets[name]];
    for (const value of chosen[name]) if (!rows.some((row) => row.value === value)) rows.unshift({ value, label: value, count: 0 });
    if (rows.length < 2 && !chosen[name].length) return null;
    rows.sort((a, b) => Number(chosen[name].includes(b.value)) - Number(chosen[name].includes(a.value)));
    const chips = rows.map((row, index) => {
      const chip = element("button", { type: "button", class: "chip", "aria-pressed": String(chosen[name].includes(row.value)), onclick: () => toggle(name, row.value) }, `${row.label} `, element("span", { class: "count" }, String(row.count)));
      chip.hidden = index >= SHOWN;
      return chip;
    });
    if (rows.length > SHOWN) {
      const more = element("button", { type: "button", class: "link" }, `另${rows.length - SHOWN}项`);
      more.addEventListener("click", () => { chips.forEach((chip) => { chip.hidden = false; }); more.remove(); chips[SHOWN].focus(); });
      chips.push(more);
    }
    return element("div", { class: "facet", role: "group", "aria-label": title }, element("span", { class: "facet-name" }, title), ...chips);
  });
  byId("facets").replaceChildren(...groups.filter(Boolean));
  byId("clear").hidden = !Object.values(chosen).some((values) => values.length);
}

export function hitCard(hit, { compare, queryId, say, isSimilar }) {
  const record = hit.case;
  const corrected = hit.outcome_group === "corrected" || hit.outcome_group === "self_corrected";
  const fine = money(record.fine_yuan);
  const disposal = [...record.kinds.filter((kind) => kind !== "罚款" || !fine), fine ? `罚款 ${fine}` : null].filter(Boolean).join("、");
  const facts = [record.agency, record.decided_on, record.doc_no].filter(Boolean).join(" · ");
  const snippet = hit.passages.length ? [...record.facts].slice(hit.passages[0].case[0], hit.passages[0].case[1]).join("").trim() : "";
  return element(
    "article",
    { class: `card hit${corrected ? " counter" : ""}`, "aria-label": `第${hit.rank}件` },
    element("header", {},
      element("span", { class: "rank", "aria-hidden": "true" }, String(hit.rank)),
      element("h3", {}, record.title || record.case_id),
      element("span", { class: "badges" },
        isSimilar ? null : element("span", { class: "badge plain" }, "仅供参考"),
        element("span", { class: `badge ${hit.outcome_group}` }, hit.outcome),
        record.provenance === "synthetic" ? element("span", { class: "badge plain" }, "合成") : null)),
    corrected ? element("p", { class: "counter-note" }, `反面案例，不作参照：${(record.review && record.review.reason) || "处罚决定被纠正"}`) : null,
    element("p", { class: "disposal" }, disposal || "处置未载明"),
    element("p", { class: "meta" }, facts),
    snippet ? element("blockquote", {}, snippet) : null,
    elements(hit),
    element("div", { class: "row" }, element("button", { type: "button", class: "quiet", onclick: () => compare(hit) }, "与本案对照"), judging(hit.case_id, queryId, say)),
  );
}

function elements(hit) {
  const rows = [
    ...hit.different.map((item) => element("li", { class: "different" }, `${item.name}：本案${said(item.ours)}，该案${said(item.theirs)}`)),
    ...hit.same.map((item) => element("li", { class: "same" }, `${item.name}：${said(item.theirs)}`)),
    ...hit.unknown.map((item) => element("li", { class: "unknown" }, `${item.name}：${item.ours === null ? "本案" : "该案"}未说明`)),
  ];
  if (!rows.length) return null;
  if (rows.length <= 6) return element("ul", { class: "elements" }, ...rows);
  const rest = element("details", {}, element("summary", {}, `另${rows.length - 5}项`), element("ul", { class: "elements" }, ...rows.slice(5)));
  return element("div", {}, element("ul", { class: "elements" }, ...rows.slice(0, 5)), rest);
}

function judging(caseId, queryId, say) {
  const group = element("fieldset", { class: "judge" }, element("legend", {}, "相似程度"));
  for (const [value, meaning] of MEANING.entries()) {
    const button = element("button", { type: "button", class: "quiet", "aria-pressed": "false", title: meaning, "aria-label": `${value} ${meaning}` }, String(value));
    button.addEventListener("click", async () => {
      try {
        await call("/v1/judgements", { query_id: queryId, case_id: caseId, relevance: value });
        group.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      } catch (error) {
        say(error.message, true);
      }
    });
    group.append(button);
  }
  return group;
}

// The rows of a stored assessment: what was listed then, without looking anything up again.
export function storedCard(row) {
  const corrected = row.outcome_group === "corrected" || row.outcome_group === "self_corrected";
  const fine = money(row.fine_yuan);
  const disposal = [...row.kinds.filter((kind) => kind !== "罚款" || !fine), fine ? `罚款 ${fine}` : null].filter(Boolean).join("、");
  return element(
    "article",
    { class: `card hit${corrected ? " counter" : ""}` },
    element("header", {}, element("span", { class: "rank", "aria-hidden": "true" }, String(row.rank)), element("h3", {}, row.title || row.case_id), element("span", { class: "badges" }, element("span", { class: `badge ${row.outcome_group}` }, row.outcome))),
    element("p", { class: "disposal" }, disposal || "处置未载明"),
    element("p", { class: "meta" }, [row.agency, row.decided_on, row.doc_no, row.left_out && `未计入：${row.left_out}`].filter(Boolean).join(" · ")),
    element("blockquote", {}, row.facts),
  );
}
