"""Bodies of the HTTP interface, with Chinese examples; shapes only."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from corpora.schema import PartyType

Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=50)]


class Body(BaseModel):
    """Every body refuses unknown fields, so that a typing mistake is not ignored."""

    model_config = ConfigDict(extra="forbid")


class PlannedBody(Body):
    """What is planned."""

    kinds: Words = Field(default_factory=list, examples=[["限期拆除"]])
    fine_yuan: float | None = Field(default=None, ge=0, lt=1e12, examples=[None])
    base_amount_yuan: float | None = Field(default=None, ge=0, lt=1e12, description="计罚基数：造价、货值、违法所得等")
    deadline_days: int | None = Field(default=None, ge=1, le=3650, description="责令改正或拆除的期限（天）")


class FiltersBody(Body):
    """Conditions every hit must meet; values of one field are alternatives."""

    regions: Words = Field(default_factory=list, description="GB/T 2260 前缀，如 3301", examples=[["3301"]])
    agencies: Words = Field(default_factory=list)
    causes: Words = Field(default_factory=list)
    kinds: Words = Field(default_factory=list)
    outcomes: Words = Field(default_factory=list)
    tiers: Words = Field(default_factory=list)
    provenances: Words = Field(default_factory=list)
    decided_from: dt.date | None = None
    decided_to: dt.date | None = None


class SearchBody(Body):
    """A draft and what is wanted."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "text": "富阳某机械公司厂房按许可1860平方米建成1912平方米，竣工前发现，规划部门复函可采取改正措施。拟责令限期拆除。",
                "planned": {"kinds": ["限期拆除"]},
                "k": 10,
            }
        },
    )
    text: str = Field(min_length=1, description="案情（可含拟作处理）")
    planned: PlannedBody | None = None
    cause: str | None = Field(default=None, max_length=200)
    pivots: dict[str, bool | float | str] = Field(default_factory=dict, max_length=60)
    party: PartyType | None = Field(default=None, description="当事人类型；不填则从案情读取")
    region: str | None = Field(default=None, pattern=r"^33\d{4}(\d{3})?$", description="本案所在地区（GB/T 2260），用于分地区比较", examples=["330111"])
    act_on: dt.date | None = Field(default=None, description="行为终了日；不填则从案情读取，决定适用的法律版本")
    filters: FiltersBody = Field(default_factory=FiltersBody)
    k: int = Field(default=10, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=200)


class ChannelOut(BaseModel):
    """A channel's rank and score."""

    rank: int | None
    score: float


class PassageOut(BaseModel):
    """Two sentences that match, as character spans, with the words they share."""

    draft: tuple[int, int]
    case: tuple[int, int]
    words: list[str]


class ElementOut(BaseModel):
    """One thing compared."""

    name: str
    ours: bool | float | str | None
    theirs: bool | float | str | None
    decisive: bool


class HitOut(BaseModel):
    """One case found, and why."""

    rank: int
    case_id: str
    score: float
    relevance: float | None = Field(description="相似（等级≥2）的概率；未校准时为空")
    channels: dict[str, ChannelOut]
    case: dict[str, Any]
    outcome: str = Field(description="复议诉讼结果标记")
    outcome_group: str
    same: list[ElementOut]
    different: list[ElementOut]
    unknown: list[ElementOut]
    passages: list[PassageOut]


class ReadOut(BaseModel):
    """How much of the draft was read."""

    characters: int
    of: int
    passages: int


class CauseOut(BaseModel):
    """What the library takes the draft to be about."""

    cause: str
    name: str
    probability: float


class ArticleOut(BaseModel):
    """An article of law that cases of such causes rest on."""

    article: str
    share: float = Field(description="按案由概率加权的引用比例")


class FacetOut(BaseModel):
    """One value to filter by, and how many of the ranked cases have it."""

    value: str
    label: str
    count: int


class FacetsOut(BaseModel):
    """What the ranked cases can be narrowed down by."""

    region: list[FacetOut]
    year: list[FacetOut]
    kind: list[FacetOut]
    outcome: list[FacetOut]


class SearchOut(BaseModel):
    """The answer to a search."""

    model_config = ConfigDict(extra="allow")
    request_id: str
    hits: list[HitOut]
    is_match: bool = Field(description="false：没有足够相似的案例，hits 仅供参考")
    notice: str | None = Field(default=None, description="is_match 为 false 时应先向人说明的话")
    total: int
    causes: list[CauseOut]
    articles: list[ArticleOut] = Field(description="库内同类案由常用的法条（由案由推断，供核对）")
    cited: list[str] = Field(description="案情中援引且用于检索的法条")
    violation: str | None
    pivots: dict[str, bool | float | str]
    draft: str = Field(description="检索所用文字（已脱敏），passages 的位置以此为准")
    read: ReadOut
    coverage: dict[str, Any]
    stages_ms: dict[str, float]
    versions: dict[str, str]
    next_cursor: str | None
    facets: FacetsOut | None = Field(default=None, description="可筛选的地区、年份、处置种类、复议诉讼结果及件数（首页）")
    planned: dict[str, Any] | None = Field(default=None, description="拟作处理：填写的，或从案情读到的（首页）")
    assessment: dict[str, Any] | None = Field(description="同类处置的分布与偏离提示（首页）")
    assessment_id: str | None = Field(description="已存评估的编号，用于采纳与否、检索报告")
    guidance: dict[str, Any] | None = Field(description="执法规范指引（首页）")


class DraftOut(BaseModel):
    """The text of an uploaded file."""

    name: str
    text: str = Field(description="已脱敏")
    characters: int
    n_masked: int = Field(description="被脱敏的字数")


class AssessmentLine(BaseModel):
    """One of one's own assessments."""

    assessment_id: str
    at: str
    draft: str = Field(description="案情开头（已脱敏）")
    level: str
    headline: str
    violation: str | None
    planned: str
    answered: bool = Field(description="是否已填写采纳与否")


class ImportOut(BaseModel):
    """What an import did."""

    accepted: int
    added: int
    changed: int
    unchanged: int
    rejected: list[dict[str, str]]
    n_rejected: int
    warnings: list[str]
