"""Bodies and answers about reports and persons, with Chinese examples; shapes only."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..persons.references import MAX_REF_CHARS
from ..tagging.service import MAX_REPORTS
from .schemas import Body

LevelName = Literal["L0", "L1", "L2", "L3", "L4"]
StatusName = Literal["confirmed", "suspected", "rejected"]
PERSON = "p_3f0c9b7d2a61e84f5c0d9e8b7a6f5e4d3c2b1a09f8e7d6c5b4a3928170615243"
_ALERT: dict[str, Any] = {
    "alert_id": "AL-5f2c7b9d01e3a846",
    "change": 42,
    "person": PERSON,
    "region": "330111",
    "rule": "level",
    "name": "失联/脱管（疑似）",
    "level": "L4",
    "tags": [{"tag": "A01", "name": "失联/脱管"}],
    "evidence": [{"report_id": "R-20221108-001", "tag": "A01"}],
    "reason": "报告 R-20221108-001 提示：失联/脱管（疑似）",
    "advice": "立即打电话、上门并联系家属",
    "ladder": [],
    "at": "2022-11-08T07:20:00+00:00",
    "late": False,
    "state": "open",
    "raised_at": "2022-11-08T07:21:05+00:00",
    "due_at": "2022-11-08T08:21:05+00:00",
    "escalations": 0,
    "escalated_to": None,
    "acknowledged_by": None,
    "acknowledged_at": None,
    "handling": None,
    "note": "关键词提示，尚待核实；级别只决定多快有人看，不等于处分。",
}
_PLAN: dict[str, Any] = {
    "status": "建议，待核实",
    "items": [
        {
            "tag": "E01",
            "name": "失业/求职",
            "level": "L1",
            "status": "建议，待核实",
            "need": "就业",
            "goal": "30日内完成1次岗位推荐和1项技能报名",
            "measures": ["推荐岗位(不泄露矫正身份)", "报名职业技能培训", "登记失业并对接人社部门"],
            "who": "人社部门、司法所",
            "due_on": "2022-12-08",
            "review_on": "2022-12-08",
            "stop_when": "稳定就业满一个月",
            "basis": [{"law": "社区矫正法", "article": "第三十七条、第四十一条", "about": "", "status": "checked"}],
            "reasons": [{"report_id": "R-2", "at": "2022-11-08T07:20:00+00:00", "spans": [[0, 6]], "words": ["厂里把他辞了"], "because": []}],
            "counter_evidence": [],
        }
    ],
    "to_verify": [],
    "excluded": [],
    "frame": {"law": "社区矫正法", "article": "第二十四条", "about": "矫正方案应有针对性并随实际表现调整", "status": "to_confirm"},
    "note": "方案建议由关键词提示生成，须由承办人核实、修改后才生效；未经调查核实不得作为考核奖惩依据。",
    "version": "05bd7a177a87",
}


class ReportBody(Body):
    """One report; with `person_ref` it is kept on that person's timeline."""

    report_id: str = Field(min_length=1, max_length=128, description="平台的报告编号，不要含个人信息；同一编号重复发送只计一次", examples=["R-1"])
    text: str = Field(max_length=20_000, examples=["陈某说最近没有再喝酒了，精神蛮好，在快递公司上班，一切正常"])
    person_ref: str | None = Field(
        default=None, min_length=1, max_length=MAX_REF_CHARS, description="平台的对象编号；只存其带密钥的散列，不存原值", examples=["DX-0001"]
    )
    reported_at: dt.datetime | None = Field(default=None, description="报告时间；不带时区按东八区", examples=["2022-11-08T15:20:00+08:00"])
    region: str | None = Field(default=None, pattern=r"^(\d{6}|\d{9})$", description="GB/T 2260 区划码", examples=["330111"])

    @field_validator("person_ref")
    @classmethod
    def _not_blank(cls, value: str | None) -> str | None:
        if value is not None and not value.strip():
            raise ValueError("不能全为空白")
        return value


class TagsBody(Body):
    """Reports to tag, all by one scheme."""

    scheme: str = Field(default="correction", max_length=64)
    reports: list[ReportBody] = Field(min_length=1, max_length=MAX_REPORTS)
    explain: bool = Field(default=False, description="同时给出被排除的标签及原因")
    min_k: int = Field(default=0, ge=0, le=50)
    max_k: int | None = Field(default=None, ge=1, le=400)
    store: bool = Field(default=True, description="false：带 person_ref 的报告也不入时间线、不告警")
    plan: bool = Field(default=False, description="每份报告同时给出个别化方案建议")


class TagOut(BaseModel):
    """One tag with its evidence on the original text."""

    model_config = ConfigDict(extra="allow")
    tag: str = Field(examples=["E03"])
    status: StatusName
    score: float
    threshold: float
    spans: list[tuple[int, int]]
    source: str = Field(examples=["both"])


class IntakeOut(BaseModel):
    """What became of a report at the door."""

    state: Literal["stored", "duplicate", "conflict", "refused"]
    detail: str = Field(examples=[""])
    person: str | None = Field(examples=[PERSON])
    at: dt.datetime | None = Field(description="计入窗口的时间")
    clock: Literal["ok", "missing", "ahead", "late", "implausible"] | None
    clock_note: str | None


class TaggedOut(BaseModel):
    """The answer for one report."""

    model_config = ConfigDict(extra="allow")
    report_id: str
    tags: list[TagOut]
    level: LevelName | None
    abstained: bool = False
    error: str | None = None
    intake: IntakeOut | None = Field(default=None, description="仅当带 person_ref 且 store 不为 false")
    alerts: list[dict[str, Any]] | None = Field(default=None, description="本报告引起的告警(is_new)或并入的告警", examples=[[{**_ALERT, "is_new": True}]])
    plan: dict[str, Any] | None = Field(default=None, description="仅当 plan=true", examples=[_PLAN])


class TagsOut(BaseModel):
    """Answers in the order of the reports."""

    results: list[TaggedOut]
    note: str = Field(examples=["关键词提示，尚待核实；请先核对否定、他人、既往、传闻；未经调查核实不得作为考核奖惩依据。"])
    versions: dict[str, str]


class AlertOut(BaseModel):
    """An alert, as lists and webhooks carry it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": _ALERT})
    alert_id: str
    change: int
    person: str
    rule: str
    name: str
    level: LevelName
    state: Literal["open", "acknowledged", "retracted"]
    reason: str
    evidence: list[dict[str, str]]
    ladder: list[dict[str, Any]]


class AlertsOut(BaseModel):
    """Alerts in the order of their changes."""

    alerts: list[AlertOut]
    next_cursor: str = Field(description="下次从这里继续；没有新变化时不变", examples=["42"])
    more: bool


class TimelineOut(BaseModel):
    """A person's reports, newest first, and what they come to."""

    person: str = Field(examples=[PERSON])
    reports: list[dict[str, Any]]
    alerts: list[AlertOut]
    sanctions: list[dict[str, Any]]
    absence: dict[str, Any] | None = Field(description="失联：起点与天数", examples=[{"since": "2022-11-01T02:00:00+00:00", "days": 7}])
    ladder: list[dict[str, Any]] = Field(description="可能涉及的法律阶梯，待核实")
    note: str
    versions: dict[str, str]
    next_cursor: str | None


class PlanOut(BaseModel):
    """A suggested plan; it takes effect only when a person has checked it."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"example": {"person": PERSON, **_PLAN}})
    person: str
    status: str
    items: list[dict[str, Any]]
    to_verify: list[dict[str, Any]]
    excluded: list[dict[str, Any]]


class ReceiptOut(BaseModel):
    """What was deleted, when, and its place in the audit chain; not about whom."""

    receipt_id: str = Field(examples=["DR-0c1d2e3f4a5b6c7d"])
    deleted_at: dt.datetime
    deleted: dict[str, int] = Field(examples=[{"reports": 3, "findings": 8, "corrections": 1, "sanctions": 0, "alerts": 1, "events": 1}])
    audit_seq: int | None = Field(description="留痕记录的序号；空：稍后补记")
    audit_hash: str | None


class SanctionBody(Body):
    """A sanction the authority has decided; counts toward the ladder."""

    sanction_id: str = Field(min_length=1, max_length=128, examples=["XJ-2022-001"])
    kind: str = Field(max_length=40, examples=["训诫"])
    decided_on: dt.date = Field(examples=["2022-10-10"])

    @field_validator("sanction_id")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("不能全为空白")
        return value


class RulingBody(Body):
    """What a person says of one tag of a stored report."""

    report_id: str = Field(min_length=1, max_length=128, examples=["R-1"])
    scheme: str = Field(default="correction", max_length=64)
    tag: str = Field(min_length=1, max_length=16, examples=["B01"])
    ruling: Literal["confirmed", "rejected"] = Field(examples=["rejected"])
    note: str = Field(default="", max_length=500, examples=["上门核实，酒是弟弟喝的"])


class CorrectionsBody(Body):
    """Rulings, entered all or none."""

    corrections: list[RulingBody] = Field(min_length=1, max_length=MAX_REPORTS)


class CorrectionsOut(BaseModel):
    """What the rulings led to."""

    recorded: int
    raised: list[AlertOut]
    retracted: list[AlertOut]


class LabelsOut(BaseModel):
    """Ruled reports as labelled data, masked, in the form that training reads."""

    labels: list[dict[str, Any]] = Field(
        examples=[[{"report_id": "R-1", "text": "闻着有酒气，他讲是弟弟喝的", "tags": [], "suspected": [], "rejected": ["B01"]}]]
    )
    next_cursor: str | None


class AcknowledgementBody(Body):
    """That somebody has taken an alert up."""

    note: str = Field(default="", max_length=500, examples=["已电话联系到本人"])


class EventsOut(BaseModel):
    """Events of the outbox, newest first, without their bodies."""

    counts: dict[str, int] = Field(examples=[{"pending": 0, "delivered": 12, "dead": 1}])
    events: list[dict[str, Any]]
