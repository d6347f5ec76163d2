"""Two parts of the report that officers write again and again: the note on discretion and the list of grounds for losing (domain §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FILL = "（待填）"
GROUPS = {
    "缺证": ("L1",),
    "程序": ("L3", "L4", "L6", "L7", "L11", "L12"),
    "适用": ("L2", "L5", "L9", "L10"),
    "裁量": ("L8", "L13", "L14"),
}
PROCEDURE_CODES = frozenset(
    {"notify", "hearing", "hearing_amount", "hearing_demolition", "collective", "legal_review", "correct_first", "offsite", "on_the_spot", "on_the_spot_kind"}
)
LAW_CODES = frozenset(
    {
        "route_planning_wrong",
        "route_land_wrong",
        "limitation_past",
        "limitation_long",
        "limitation_public_security",
        "continuing",
        "law_change",
        "authority_village",
        "authority_homestead",
    }
)
DISCRETION_CODES = frozenset({"step", "step_planning", "step_against_factors", "reduced", "mitigation", "fine_above", "fine_below", "fine_reduced"})


def loss_list(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return common grounds for losing beside what this draft has not shown, by group; no probabilities."""
    guidance = record.get("guidance") or {"loss_grounds": [], "missing": []}
    findings = record["assessment"]["findings"]
    open_points = {
        "缺证": [f"案情未提及：{item}" for item in guidance["missing"]],
        "程序": [item["text"] for item in findings if item["code"] in PROCEDURE_CODES],
        "适用": [item["text"] for item in findings if item["code"] in LAW_CODES],
        "裁量": [item["text"] for item in findings if item["code"] in DISCRETION_CODES],
    }
    result: dict[str, Any] = {}
    for group, codes in GROUPS.items():
        known = [f"{ground['code']} {ground['text']}" for ground in guidance["loss_grounds"] if ground["code"] in codes]
        result[group] = [*known, *open_points[group]] or ["（无）"]
    return result


def discretion_note(record: Mapping[str, Any], responses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the seven points of a note on discretion, filled in as far as the record goes."""
    found, guidance = record["assessment"], record.get("guidance")
    mitigating = [item["name"] for item in guidance["mitigating"]] if guidance else []
    aggravating = [item["name"] for item in guidance["aggravating"]] if guidance else []
    steps = [item["text"] for item in found["findings"] if item["code"] in ("step", "step_planning")]
    return {
        "（一）基准来源": f"本机关公布的裁量基准：{FILL}",
        "（二）情节认定": f"从轻、减轻：{'、'.join(mitigating) or '案情未提及'}；从重：{'、'.join(aggravating) or '案情未提及'}；主观、手段、持续、后果、配合、改正、是否初次：{FILL}",
        "（三）对应阶次": steps or [FILL],
        "（四）计算": _calculation(record),
        "（五）与类案对比": next((line for line in found["sentences"] if line.startswith("检索到")), "未检索到可供比较的相似案例。"),
        "（六）偏离基准或类案的理由": [item["reason"] for item in responses if not item["adopted"]] or [FILL],
        "（七）教育与救济告知": "知道决定之日起六十日内申请复议或六个月内起诉；加处罚款、强制执行的告知：" + FILL,
    }


def _calculation(record: Mapping[str, Any]) -> str:
    planned = record.get("planned") or {}
    fine, base = planned.get("fine_yuan"), planned.get("base_amount_yuan")
    if fine and base and float(base) > 0:
        return f"基数{base}元 × {float(fine) / float(base):.4f} = {fine}元"
    return f"罚款{fine}元；基数、比例：{FILL}" if fine else FILL
