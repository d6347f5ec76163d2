"""POST /v1/cases/search and GET /v1/cases/{id}/similar."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from corpora.outcomes import badge, outcome_group
from corpora.schema import case_to_json
from corpora.violations import load_violations
from indexes.query import Filters
from indexes.statutes import read_articles
from indexes.view import View

from ...decision.assess import assess
from ...decision.record import facets, listed_cases, method
from ...decision.shape import assessment_json, guidance_json
from ...drafts import Draft, read_draft
from ...keys import Role
from ...plans import planned_from_record
from ...runtime import Runtime
from ...search import Answer, Found, search
from ..context import MetricsDep, RuntimeDep, versions
from ..idempotent import IdempotentRoute
from ..problems import Problem
from ..schemas import ArticleOut, CauseOut, ChannelOut, ElementOut, FiltersBody, HitOut, PassageOut, ReadOut, SearchBody, SearchOut
from ..security import Actor, allowed

router = APIRouter(prefix="/v1/cases", tags=["cases"], route_class=IdempotentRoute)
READERS = Depends(allowed(Role.OFFICER, Role.RESEARCHER, Role.AUDITOR))
ReaderDep = Annotated[Actor, READERS]
MAX_RANK = 1000


def filters_of(body: FiltersBody) -> Filters:
    """Return the filters a body asks for."""
    lists: dict[str, Any] = {name: tuple(value) for name, value in body.model_dump().items() if isinstance(value, list)}
    return Filters(**lists, decided_from=body.decided_from, decided_to=body.decided_to)


def encode_cursor(offset: int, view_name: str) -> str:
    """Return an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps([offset, view_name]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, view_name: str) -> int:
    """Return the offset of a cursor. Raises Problem 422 for a damaged one, 409 for one of an older snapshot."""
    try:
        offset, name = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(offset, int) or not 0 <= offset <= MAX_RANK:
            raise ValueError
    except (ValueError, TypeError):
        raise Problem(422, "cursor", "cursor 无效；请从第一页重新检索") from None
    if name != view_name:
        raise Problem(409, "cursor-stale", "索引已更新；请从第一页重新检索")
    return offset


@router.post("/search", response_model=SearchOut, summary="检索类案")
def search_cases(body: SearchBody, request: Request, who: ReaderDep, runtime: RuntimeDep, metrics: MetricsDep) -> dict[str, Any]:
    """Find the similar cases of a draft."""
    view = runtime.library.view
    offset = decode_cursor(body.cursor, view.name) if body.cursor else 0
    draft = read_draft(
        body.text,
        planned=planned_from_record(body.planned.model_dump()) if body.planned else None,
        cause=body.cause,
        pivots=body.pivots,
        max_chars=runtime.settings.max_draft_chars,
    )
    answer = search(runtime.store, runtime.library, draft, body.k, offset=offset, filters=filters_of(body.filters), view=view)
    metrics.stages(answer.result.stages_ms)
    shaped = shape(answer, draft.text, request, versions(runtime), offset, body.k)
    return shaped if offset else shaped | _assessed(body, draft, answer, view, who, runtime)


def _assessed(body: SearchBody, draft: Draft, answer: Answer, view: View, who: Actor, runtime: Runtime) -> dict[str, Any]:
    """Assess the draft, store the assessment, and return what the first page says besides its hits."""
    assessed = assess(
        runtime.store,
        runtime.library,
        draft,
        answer=answer,
        filters=filters_of(body.filters),
        view=view,
        act_on=body.act_on,
        party=body.party,
        region=body.region,
    )
    filters = {name: value for name, value in body.filters.model_dump(mode="json").items() if value}
    assessment_id = runtime.assessments.record(
        assessed,
        draft,
        actor=who.key_id,
        role=who.role.value,
        versions=versions(runtime),
        method=method(answer, draft, view, filters),
        cases=listed_cases(answer, draft, assessed),
    )
    planned = asdict(draft.planned) if draft.planned else None
    violation = assessed.answer.violation  # none where nothing is near enough to say what the draft is about
    return {
        "violation": violation.code if violation else None,
        "assessment_id": assessment_id,
        "assessment": assessment_json(assessed),
        "guidance": guidance_json(assessed),
        "facets": facets(answer.ranked),
        "planned": planned and {name: float(value) if isinstance(value, Decimal) else value for name, value in planned.items()},
    }


def shape(answer: Answer, draft_text: str, request: Request, names: dict[str, str], offset: int, k: int) -> dict[str, Any]:
    """Return the body of an answer."""
    result = answer.result
    catalogue = load_violations()
    more = offset + k < min(answer.total, MAX_RANK)
    return {
        "request_id": request.scope["request_id"],
        "hits": [shape_hit(found) for found in answer.found],
        "is_match": result.is_match,
        "notice": answer.notice,
        "total": answer.total,
        "causes": [CauseOut(cause=label, name=catalogue[label].name if label in catalogue else label, probability=p) for label, p in result.causes],
        "articles": [ArticleOut(article=article, share=round(share, 4)) for article, share in result.articles],
        "cited": list(read_articles(draft_text)),
        "violation": answer.violation.code if answer.violation else None,
        "pivots": dict(answer.pivots),
        "draft": draft_text,
        "read": ReadOut(characters=result.read.characters, of=result.read.of, passages=result.read.passages),
        "coverage": {"candidates": result.n_candidates, "last_seq": result.last_seq},
        "stages_ms": dict(result.stages_ms),
        "versions": names,
        "assessment": None,
        "assessment_id": None,
        "guidance": None,
        "next_cursor": encode_cursor(offset + k, result.snapshot) if more else None,
    }


def shape_hit(found: Found) -> HitOut:
    """Return one hit."""
    hit, case, elements = found.hit, found.case, found.elements
    return HitOut(
        rank=hit.rank,
        case_id=hit.case_id,
        score=hit.score,
        relevance=hit.relevance,
        channels={channel.value: ChannelOut(rank=score.rank, score=score.score) for channel, score in hit.channels.items()},
        case=case_to_json(case),
        outcome=badge(case.review) if case.review else "未受审查",
        outcome_group=outcome_group(case.review).value if case.review else "none",
        same=[ElementOut(name=e.name, ours=e.ours, theirs=e.theirs, decisive=e.decisive) for e in elements.same],
        different=[ElementOut(name=e.name, ours=e.ours, theirs=e.theirs, decisive=e.decisive) for e in elements.different],
        unknown=[ElementOut(name=e.name, ours=e.ours, theirs=e.theirs, decisive=e.decisive) for e in elements.unknown],
        passages=[PassageOut(draft=p.draft, case=p.case, words=list(p.words)) for p in found.passages],
    )


@router.get("/{case_id}/similar", response_model=SearchOut, dependencies=[READERS], summary="与某案相似的案例")
def similar_cases(case_id: str, request: Request, runtime: RuntimeDep, metrics: MetricsDep, k: Annotated[int, Query(ge=1, le=100)] = 10) -> dict[str, Any]:
    """Find the cases similar to one of the library; the case itself is left out."""
    case = runtime.store.get(case_id)
    if case is None:
        raise Problem(404, "no-such-case", "没有这个案例编号")
    draft = read_draft(case.facts or case.text, cause=case.cause_code or (case.causes[0] if case.causes else None), pivots=dict(case.pivots))
    answer = search(runtime.store, runtime.library, draft, k + 1)
    metrics.stages(answer.result.stages_ms)
    body = shape(answer, draft.text, request, versions(runtime), 0, k + 1)
    body["hits"] = [hit for hit in body["hits"] if hit.case_id != case_id][:k]
    body["next_cursor"] = None
    return body
