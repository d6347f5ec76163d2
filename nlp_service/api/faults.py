"""What is wrong with a field, said in Chinese: the checker's own sentences are English, and those for a person's eyes end on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SENTENCES = {
    "json_invalid": "请求体不是有效的 JSON",
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "model_attributes_type": "应为对象（JSON object）",
    "model_type": "应为对象（JSON object）",
    "dict_type": "应为对象（JSON object）",
    "list_type": "应为列表",
    "string_type": "应为文字",
    "string_unicode": "不是有效的 Unicode 文字，请用 UTF-8",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "string_pattern_mismatch": "格式不符：{pattern}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "应大于 {gt}",
    "less_than": "应小于 {lt}",
    "finite_number": "应为有限的数",
    "literal_error": "应为其中之一：{expected}",
    "enum": "应为其中之一：{expected}",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数太大",
    "int_from_float": "应为整数",
    "float_type": "应为数",
    "float_parsing": "应为数",
    "bytes_type": "应为文件内容",
    "value_error": "{error}",
}
_DATE = "应为日期，如 2022-11-08"
_TIME = "应为日期和时间，如 2022-11-08T15:20:00+08:00"


def said(fault: Mapping[str, Any]) -> str:
    """Return one fault of pydantic as a sentence; kinds without one keep pydantic's. What was sent is not repeated."""
    kind = str(fault["type"])
    if kind.startswith("datetime_"):
        return _TIME
    if kind.startswith("date_"):
        return _DATE
    sentence = _SENTENCES.get(kind)
    if sentence is None:
        return str(fault["msg"])
    try:
        return sentence.format_map({name: str(value).replace(" or ", "、") for name, value in fault.get("ctx", {}).items()})
    except KeyError:
        return str(fault["msg"])
