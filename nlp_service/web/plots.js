// Plots in SVG: every mark also has its words, so that nothing hangs on colour; a text says the same to a screen reader.
import { element } from "./shared.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400;

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function figure(title, plot, note) {
  return element("figure", {}, element("figcaption", {}, title), plot, note ? element("p", { class: "meta" }, note) : null);
}

// One row per disposal, mildest first: a bar as long as its count (or share), the plan's row hatched and named, the median named.
export function disposals(found) {
  const shares = Object.keys(found.distribution).length ? found.distribution : null;
  const rows = found.levels.filter((name) => name in found.counts || name === found.planned_level);
  if (!Object.keys(found.counts).length) return null;
  const top = Math.max(...rows.map((name) => (shares ? shares[name] || 0 : found.counts[name] || 0)));
  const step = 46;
  const spoken = rows.map((name) => `${name}${found.counts[name] || 0}件${name === found.planned_level ? "（拟处置）" : ""}${name === found.median ? "（中位）" : ""}`);
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${rows.length * step}`, class: "plot", role: "img", "aria-label": `同类处置分布：${spoken.join("，")}` });
  plot.append(
    svg("defs", {}, svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { width: 6, height: 6, class: "hatch-ground" }), svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "hatch-line" }))),
  );
  rows.forEach((name, index) => {
    const count = found.counts[name] || 0;
    const value = shares ? shares[name] || 0 : count;
    const isPlan = name === found.planned_level;
    const y = index * step;
    const width = top ? (value / top) * 260 : 0;
    const percent = value > 0 && value < 0.005 ? "不足1%" : `${Math.round(value * 100)}%`;
    const tags = [isPlan ? "◆ 拟处置" : "", name === found.median ? "▲ 中位" : ""].filter(Boolean).join("  ");
    plot.append(
      svg("text", { x: 0, y: y + 15, class: isPlan ? "strong" : "" }, name),
      svg("text", { x: WIDTH, y: y + 15, "text-anchor": "end", class: "tagged" }, tags),
      svg("rect", { x: 0.5, y: y + 21, width: 300, height: 16, class: "rail" }),
      svg("rect", { x: 0.5, y: y + 21, width: Math.max(count ? 2 : 0, width), height: 16, class: isPlan ? "bar plan" : "bar", fill: isPlan ? "url(#hatch)" : "" }),
      svg("text", { x: 308, y: y + 34, class: "value" }, shares ? `${percent} · ${count}件` : `${count}件`),
    );
  });
  return figure(`处置分布（${found.n}件，有效样本${Number(found.n_eff).toFixed(1)}）`, plot, shares ? "按相似度加权" : "样本不足，只列件数");
}

// Fines of peers as a box from the 10th to the 90th part in a hundred, with the plan as a diamond.
export function fines(found) {
  const data = found.fines;
  if (!data) return found.points && found.points.length ? figure("同类罚款（不足以给出区间）", element("p", {}, found.points.map((point) => `${Number(point.fine_yuan).toLocaleString("zh-CN")}元`).join("、"))) : null;
  const all = [data.q10, data.q90, data.planned].filter((value) => value !== null && value > 0);
  const isLog = Math.max(...all) / Math.min(...all) > 20;
  const scale = (value) => (isLog ? Math.log10(Math.max(value, Math.min(...all) / 2)) : value);
  const low = scale(Math.min(...all));
  const high = scale(Math.max(...all));
  const x = (value) => 24 + ((scale(value) - low) / (high - low || 1)) * (WIDTH - 48);
  const words = data.words;
  const anchor = (at) => (at < 60 ? "start" : at > WIDTH - 60 ? "end" : "middle");
  const label = (value, y, text, kind = "") => svg("text", { x: anchor(x(value)) === "start" ? Math.max(0, x(value) - 20) : anchor(x(value)) === "end" ? Math.min(WIDTH, x(value) + 20) : x(value), y, "text-anchor": anchor(x(value)), class: kind }, text);
  const at = x(data.planned);
  const plot = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} 118`, class: "plot", role: "img", "aria-label": `同类${data.n}件罚款：十分之一分位${words.q10}，中位${words.q50}，十分之九分位${words.q90}；拟罚款${words.planned}` },
    label(data.planned, 14, `◆ 拟 ${words.planned}`, "strong"),
    svg("line", { x1: at, x2: at, y1: 20, y2: 78, class: "plan-line" }),
    svg("line", { x1: x(data.q10), x2: x(data.q90), y1: 56, y2: 56, class: "whisker" }),
    svg("line", { x1: x(data.q10), x2: x(data.q10), y1: 48, y2: 64, class: "whisker" }),
    svg("line", { x1: x(data.q90), x2: x(data.q90), y1: 48, y2: 64, class: "whisker" }),
    svg("rect", { x: x(data.q25), y: 44, width: Math.max(2, x(data.q75) - x(data.q25)), height: 24, class: "bar" }),
    svg("line", { x1: x(data.q50), x2: x(data.q50), y1: 40, y2: 72, class: "median" }),
    svg("path", { d: `M${at} 49 l7 7 l-7 7 l-7 -7 z`, class: "diamond" }),
    label(data.q50, 92, `▲ 中位 ${words.q50}`),
  );
  if (x(data.q90) - x(data.q10) > 40) plot.append(label(data.q10, 112, words.q10, "value"), label(data.q90, 112, words.q90, "value"));
  return figure(`罚款${data.is_rate ? "占基数的比例" : ""}（同类${data.n}件）`, plot, `横线为十分之一至十分之九分位，方框为中间一半${isLog ? "；对数刻度" : ""}`);
}

// One sign per reviewed case: what became of the decision on reconsideration or in court.
export function reviewed(found) {
  const { corrected, upheld, rate } = found.reviewed;
  if (!corrected && !upheld) return null;
  const signs = element("p", { class: "signs", role: "img", "aria-label": `受审查${corrected + upheld}件，纠正${corrected}件，维持${upheld}件` },
    element("span", { class: "bad" }, "✕".repeat(corrected)), element("span", { class: "good" }, "✓".repeat(upheld)));
  const note = rate ? `估计${Math.round(rate[0] * 100)}%，90%区间${Math.round(rate[1] * 100)}%至${Math.round(rate[2] * 100)}%；` : corrected + upheld < 8 ? "不足八件，不出比率；" : "可比案件不足，不出比率；";
  return figure(`复议诉讼（${corrected + upheld}件受审查）`, signs, `✕ 被纠正 ${corrected}件，✓ 维持 ${upheld}件；${note}未受审查不等于正确`);
}

export function places(found) {
  if (found.places.length < 2) return null;
  const names = found.levels.filter((name) => found.places.some((place) => name in place.counts));
  const cell = (place, name) => (!(name in place.counts) ? "—" : place.counts[name] === null ? "＜5" : name in place.distribution ? `${place.counts[name]}件 · ${Math.round(place.distribution[name] * 100)}%` : `${place.counts[name]}件`);
  return element(
    "figure",
    { class: "wide" },
    element("figcaption", {}, "分地区"),
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "分地区的处置" },
      element("table", {},
        element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "处置"), ...found.places.map((place) => element("th", { scope: "col" }, `${place.name}（${place.n}件）`)))),
        element("tbody", {}, ...names.map((name) => element("tr", {}, element("th", { scope: "row" }, name), ...found.places.map((place) => element("td", {}, cell(place, name)))))))),
    element("p", { class: "meta" }, "不足五件的地区并入相邻一级，不足五件的档次不列数"),
  );
}
