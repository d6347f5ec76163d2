"""类案检索报告: every item of the Supreme Court's guidance in its administrative form, and the note on discretion (domain §8), from a stored record.

Nothing is looked up again: the same record and the same answers to it give the same report, whatever has become of the library.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from corpora.schema import Provenance
from corpora.violations import Violation, load_violations

from .dossier_discretion import discretion_note, loss_list
from .figures import without_signs
from .wording import quoted

NONE, FILL, UNKNOWN = "（无）", "（待填）", "未载明"
PROVENANCES = {Provenance.SYNTHETIC.value: "合成", Provenance.PUBLIC.value: "公开", Provenance.AGENCY.value: "本机关"}
GRADES = {3: "完全类案", 2: "部分类案", 1: "参考", None: "仅供参考"}
ROLES = {"officer": "办案人员", "auditor": "审计人员", "admin": "管理员", "researcher": "研究人员"}
BEIJING = dt.timezone(dt.timedelta(hours=8))
CHANNELS = {"lexical": "关键词", "dense": "向量", "causes": "案由关联", "reasoning": "理由关联", "statutes": "法条关联", "exact": "文号、编号直查"}
ORDER = "取舍次序：本市生效裁判和复议纠错在先，其次本机关在先处罚，再次省内同类，最后外省；近三年的在先；已被纠正的只作反面参照。"
NOTE = "标注“合成”的案例为合成数据，不得作为参照。本报告供核对，不构成法律意见；在先处罚不是法源，只说明同类情形同等对待与裁量基准的执行，参照与否由办案机关说明理由。"


def dossier_json(record: Mapping[str, Any], responses: Sequence[Mapping[str, Any]], meta: Mapping[str, str]) -> dict[str, Any]:
    """Return the report as data: `record` is the stored assessment, `meta` its number, time, actor and hash."""
    violation = load_violations().get(record.get("violation") or "")
    cases = record["cases"]
    return {
        "编号": meta["id"],
        "一、检索说明": _search_note(record, meta),
        "二、待决案件": _pending_case(record, violation),
        "三、检索方法": _method(record),
        "四、检索结果": [_row(case) for case in cases] or [f"未检索到相似案例。检索式：{_formula(record)}。"],
        "五、类案规则要点与分歧": _rules_and_differences(record),
        "六、处置分布与偏离": _statistics(record),
        "七、尚待查明与程序": _to_check(record),
        "八、败诉原因对照": loss_list(record),
        "九、裁量说明": discretion_note(record, responses),
        "十、处理意见": [_opinion(item) for item in responses] or ["□参照  □参考  □不参照", f"理由：{FILL}"],
        "十一、签名": {"承办人": FILL, "审核人": FILL, "日期": FILL},
        "附注": {"数据出处": _sources(cases), "说明": NOTE, "记录哈希（SM3）": meta["hash"]},
    }


def _search_note(record: Mapping[str, Any], meta: Mapping[str, str]) -> dict[str, Any]:
    return {
        "检索人": meta["actor"],
        "检索时间": local_time(meta["at"]),
        "授权": f"以{ROLES.get(record['role'], record['role'])}身份检索，检索留痕",
        "平台与版本": "；".join(f"{name} {value}" for name, value in record["versions"].items()),
        "案例库截止": f"决定日期至{record['method']['library_until'] or UNKNOWN}，共{record['method']['funnel']['library']}件",
        "报告依据": f"由已存评估重现；案情哈希（SM3）{record['draft_hash']}",
    }


def _pending_case(record: Mapping[str, Any], violation: Violation | None) -> dict[str, Any]:
    situation = record["assessment"].get("situation") or {}
    pivots = record["pivots"]
    focus = (
        [f"{pivot.question}（{said(pivots[pivot.name]) if pivot.name in pivots else '待查明'}）" for pivot in violation.pivots if pivot.decisive]
        if violation
        else []
    )
    articles = (
        [
            f"{dated.cite}（{_version(dated.valid_from, dated.valid_to)}，{'已核对' if dated.status == 'checked' else '待法制人员核对'}）"
            for dated in violation.penalty
        ]
        if violation
        else []
    )
    return {
        "当事人类型": situation.get("party") or UNKNOWN,
        "违法行为": f"{violation.code} {violation.name}" if violation else "未识别",
        "案情摘录（已脱敏）": record["draft"],
        "关键事实": [f"{name}：{said(value)}" for name, value in pivots.items()] or [NONE],
        "争议焦点": focus or [NONE],
        "拟作处理": planned_words(record.get("planned")),
        "拟适用条款": articles or [NONE],
    }


def _version(start: object, end: object) -> str:
    return f"{start or '……'}起施行" if end is None else f"{start or '……'}至{end}施行"


def _formula(record: Mapping[str, Any]) -> str:
    method = record["method"]
    parts = [
        f"关键词 {'、'.join(method['words']) or NONE}",
        f"法条 {'、'.join(method['articles']) or NONE}",
        f"案由 {'、'.join(_cause(code) for code in method['causes']) or NONE}",
    ]
    return "；".join([*parts, f"筛选 {'；'.join(_filters(method['filters']))}"])


def _cause(code: str) -> str:
    violation = load_violations().get(code)
    return violation.name if violation else code


def _filters(filters: Mapping[str, Any]) -> list[str]:
    names = {"regions": "地区", "agencies": "机关", "causes": "案由", "kinds": "处置种类", "outcomes": "复议诉讼", "tiers": "层级", "provenances": "来源"}
    days = {"decided_from": "决定日期自", "decided_to": "决定日期至"}
    shown = [f"{names[name]}：{'、'.join(map(str, value))}" for name, value in filters.items() if name in names and value]
    return [*shown, *(f"{days[name]}{value}" for name, value in filters.items() if name in days and value)] or ["未设"]


def _method(record: Mapping[str, Any]) -> dict[str, Any]:
    method = record["method"]
    funnel = method["funnel"]
    return {
        "方法": "、".join(CHANNELS.get(name, name) for name in method["channels"]) + "融合排序，再按关键事实比较" if method["channels"] else "未检到",
        "检索式": _formula(record),
        "命中漏斗": f"库内{funnel['library']}件 → 符合筛选并进入候选{funnel['allowed']}件 → 排序{funnel['ranked']}件 → 列出{funnel['listed']}件 → 可比{record['assessment']['n']}件",
        "读取": f"案情{record['read']['of']}字，读取{record['read']['characters']}字",
    }


def _row(case: Mapping[str, Any]) -> dict[str, Any]:
    counted = f"计入统计，权重{case['weight']}" if case["weight"] is not None else f"未计入：{case['left_out'] or '相似度不足'}"
    return {
        "序号": case["rank"],
        "案名": case["title"] or case["case_id"],
        "编号": case["case_id"],
        "文号": case["doc_no"] or NONE,
        "机关": f"{case['agency'] or UNKNOWN}{'（' + case['tier'] + '）' if case['tier'] else ''}",
        "日期": case["decided_on"] or UNKNOWN,
        "事实要点": without_signs(case["facts"]),
        "焦点": "、".join(item["name"] for item in (*case["same"], *case["different"]) if item["decisive"]) or UNKNOWN,
        "条款": "；".join(case["basis"]) or NONE,
        "处置与幅度": kinds_and_fine(case["kinds"], case["fine_yuan"]),
        "复议诉讼": case["outcome"] + (f"：{quoted(case['ground'])}" if case["ground"] else ""),
        "相同点": "、".join(f"{item['name']}（{said(item['theirs'])}）" for item in case["same"]) or NONE,
        "不同点": "、".join(f"{item['name']}（本案{said(item['ours'])}，该案{said(item['theirs'])}）" for item in case["different"]) or NONE,
        "一方未载明": "、".join(case["unknown"]) or NONE,
        "等级": GRADES.get(case["grade"], "仅供参考"),
        "统计": counted,
        "来源": PROVENANCES.get(case["provenance"], case["provenance"]),
    }


def _rules_and_differences(record: Mapping[str, Any]) -> dict[str, Any]:
    found = record["assessment"]
    corrected = [case for case in record["cases"] if case["outcome_group"] in ("corrected", "self_corrected")]
    opposite = [case for case in record["cases"] if (case["left_out"] or "").startswith("关键事实相反")]
    points = [f"多数可比案件处置为“{found['median']}”。"] if found["median"] and found["n"] >= 5 else ["可比案件不足五件，不归纳规则。"]
    return {
        "要点": points,
        "被纠正的案件": [f"{case['case_id']}：{case['outcome']}，{quoted(case['ground']) or '理由未载'}" for case in corrected] or [NONE],
        "事实相反的案件": [f"{case['case_id']}：{case['left_out']}；处置为{'、'.join(case['kinds']) or UNKNOWN}" for case in opposite] or [NONE],
        "分歧如何取舍": ORDER,
        "如不一致": f"取舍理由、是否经集体讨论：{FILL}",
    }


def _statistics(record: Mapping[str, Any]) -> dict[str, Any]:
    found = record["assessment"]
    shares = "、".join(f"{name}{value * 100:.0f}%" for name, value in found["distribution"].items()) or "样本不足，不出比例"
    rate = found["reviewed"]["rate"]
    reviewed = found["reviewed"]["corrected"] + found["reviewed"]["upheld"]
    return {
        "结论": found["headline"],
        "样本": f"可比{found['n']}件，有效样本{found['n_eff']}",
        "口径": "行为相同、关键事实不冲突、处置载明；被纠正的处罚不计入分布；同一事件只计一次；按相似度、等级与年份加权",
        "各档件数": [f"{name}：{count}件" for name, count in found["counts"].items()] or [NONE],
        "各档比例": shares,
        "分地区": [f"{place['name']}：{place['n']}件" for place in found["places"]] or ["不足以分地区"],
        "金额": next((line for line in found["sentences"] if line.startswith("同类")), "同类金额不足八件，不出区间"),
        "纠错": f"受审查{reviewed}件中{found['reviewed']['corrected']}件被纠正" + ("" if rate else "，样本不足，不出比率"),
        "说明": found["text"].split("\n"),
    }


def _to_check(record: Mapping[str, Any]) -> dict[str, Any]:
    guidance = record.get("guidance")
    found = record["assessment"]
    lines = {
        "待查明的关键事实": found["pending"] or [NONE],
        "程序与依据": [f"{item['line']}——请核对：{item['check']}" for item in found["findings"]] or [NONE],
    }
    if guidance:
        lines["案情已提及的证据"] = [item["item"] for item in guidance["evidence"] if item["mention"]] or [NONE]
        lines["案情未提及的证据"] = guidance["missing"] or [NONE]
    return lines


def _opinion(item: Mapping[str, Any]) -> str:
    return f"{'采纳提示' if item['adopted'] else '不采纳提示'}（{local_time(item['at'])}，{item['actor']}）：{item['reason']}"


def _sources(cases: Sequence[Mapping[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for case in cases:
        name = PROVENANCES.get(case["provenance"], case["provenance"])
        counts[name] = counts.get(name, 0) + 1
    return "、".join(f"{name}{count}件" for name, count in counts.items()) or "未列出案例"


def said(value: object) -> str:
    """Return a pivot's value in words."""
    if value is None:
        return "未说明"
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def planned_words(planned: Mapping[str, Any] | None) -> str:
    """Return the plan in one line."""
    if not planned:
        return "未填"
    base = f"（计罚基数{planned['base_amount_yuan']}元）" if planned.get("base_amount_yuan") else ""
    days = f"，期限{planned['deadline_days']}日" if planned.get("deadline_days") else ""
    return kinds_and_fine(planned["kinds"], planned.get("fine_yuan")) + base + days


def kinds_and_fine(kinds: Sequence[str], fine: str | None) -> str:
    """Return a disposal in words: 责令改正、罚款60,215元."""
    parts = [kind for kind in kinds if kind != "罚款" or not fine]
    if fine:
        parts.append(f"罚款{Decimal(fine):,}元")
    return "、".join(parts) or UNKNOWN


def local_time(at: str) -> str:
    """Return a stored time (UTC) as the officer's clock showed it."""
    moment = dt.datetime.fromisoformat(at).astimezone(BEIJING)
    return f"{moment.year}年{moment.month}月{moment.day}日{moment:%H:%M}"
