"""The cases themselves: import, read, write, withdraw, delete."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response, UploadFile

from corpora.importing import import_files
from corpora.prepare import prepare
from corpora.privacy import MaskingError
from corpora.schema import Case, case_from_json, case_to_json

from ...keys import Role
from ..context import RuntimeDep
from ..idempotent import IdempotentRoute
from ..problems import Problem
from ..schemas import ImportOut
from ..security import allowed

router = APIRouter(prefix="/v1", tags=["cases"], route_class=IdempotentRoute)
READERS = Depends(allowed(Role.OFFICER, Role.RESEARCHER, Role.AUDITOR))
WRITERS = Depends(allowed(Role.RESEARCHER))
MAX_NAME_CHARS = 60  # Chinese: 180 bytes of the 255 a file name may have
_EXAMPLE = {
    "case_id": "AJ-1",
    "title": "杭州恒某机械有限公司未取得建设工程规划许可证建设案",
    "causes": ["未取得建设工程规划许可证进行建设"],
    "facts": "经查，该公司未取得建设工程规划许可证，在厂区内搭建钢棚一座……",
    "disposition": "责令限期改正，并处工程造价428600元百分之五的罚款，计21430元。",
    "region": "330111",
    "decided_on": "2020-05-19",
}


def upload_name(given: str) -> str:
    """Return a file name that is safe to create and still tells the person which file a rejection is about."""
    name = re.sub(r"[^\w.~()（）+\- ]", "_", given.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(". ")[-MAX_NAME_CHARS:]
    return name if "." in name else f"{name or 'upload'}.jsonl"


def prepared(record: dict[str, Any]) -> Case:
    """Return the masked case of a record. Raises RecordError or Problem 422: no record, however odd, is a fault of the service."""
    try:
        return prepare(case_from_json(record))
    except MaskingError as error:
        raise Problem(422, "masking", "个人信息未能脱敏干净，未写入；请人工核对文字") from error
    except (TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise Problem(422, "record", "内容不能读作案例：请检查 extra、review、pivots 的层次和金额") from error


@router.post("/cases:import", response_model=ImportOut, dependencies=[WRITERS], summary="导入案例文件")
def import_cases(file: UploadFile, runtime: RuntimeDep) -> dict[str, Any]:
    """Import one file (jsonl, csv, xlsx, txt, docx; also .gz, .xz). What is accepted is durable when this answers."""
    name = upload_name(file.filename or "")
    with tempfile.TemporaryDirectory(dir=runtime.settings.home, prefix=".upload-") as folder:
        path = Path(folder) / name
        with path.open("wb") as target:
            while chunk := file.file.read(1 << 20):
                target.write(chunk)
        summary = import_files(runtime.store, [path])
    runtime.changed()
    return {
        "accepted": summary.accepted,
        "added": summary.added,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "rejected": [{"place": item.place, "reason": item.reason} for item in summary.rejected],
        "n_rejected": summary.n_rejected,
        "warnings": list(summary.warnings),
    }


@router.get("/cases/{case_id}", dependencies=[READERS], summary="读取案例")
def get_case(case_id: str, runtime: RuntimeDep) -> dict[str, Any]:
    """Return a case, withdrawn or not."""
    case = runtime.store.get(case_id)
    if case is None:
        raise Problem(404, "no-such-case", "没有这个案例编号")
    return case_to_json(case)


@router.put("/cases/{case_id}", dependencies=[WRITERS], summary="写入案例", responses={201: {"description": "新增"}})
def put_case(case_id: str, record: Annotated[dict[str, Any], Body(examples=[_EXAMPLE])], runtime: RuntimeDep, response: Response) -> dict[str, Any]:
    """Store a case under its id (personal data is masked first); the same content again changes nothing."""
    if record.get("case_id", case_id) != case_id:
        raise Problem(422, "case-id", "地址中的案例编号与内容中的 case_id 不一致")
    counts = runtime.store.put_many([prepared({**record, "case_id": case_id})])
    runtime.changed()
    response.status_code = 201 if counts.added else 200
    return {"case_id": case_id, "added": counts.added, "changed": counts.changed, "unchanged": counts.unchanged}


@router.delete("/cases/{case_id}", dependencies=[WRITERS], summary="删除案例")
def delete_case(case_id: str, runtime: RuntimeDep) -> dict[str, Any]:
    """Remove a case and its text for good."""
    if not runtime.store.delete(case_id):
        raise Problem(404, "no-such-case", "没有这个案例编号")
    runtime.changed()
    return {"case_id": case_id, "deleted": True}


@router.post("/cases/{case_id}/withdraw", dependencies=[WRITERS], summary="撤下案例")
def withdraw_case(case_id: str, runtime: RuntimeDep, withdrawn: bool = True) -> dict[str, Any]:
    """Take a case out of search (or bring it back with withdrawn=false); its record stays."""
    if not runtime.store.withdraw(case_id, withdrawn):
        raise Problem(404, "no-such-case", "没有这个案例编号")
    runtime.changed()
    return {"case_id": case_id, "withdrawn": withdrawn}
