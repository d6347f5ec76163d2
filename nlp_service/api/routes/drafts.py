"""POST /v1/drafts:read: the text of a .docx or .txt an officer uploads, masked; nothing of it is kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query

from ...keys import Role
from ...uploads import MAX_UPLOAD_BYTES, read_upload
from ..context import RuntimeDep
from ..problems import Problem
from ..schemas import DraftOut
from ..security import allowed

router = APIRouter(prefix="/v1", tags=["assessments"])
OFFICERS = Depends(allowed(Role.OFFICER))
FileBody = Annotated[bytes, Body(media_type="application/octet-stream", description=f"文件内容，最多 {MAX_UPLOAD_BYTES >> 20} MB")]


@router.post("/drafts:read", response_model=DraftOut, dependencies=[OFFICERS], summary="读取上传的案情文件（.docx、.txt）")
def read_file(runtime: RuntimeDep, data: FileBody, name: Annotated[str, Query(min_length=1, max_length=255, examples=["案情.docx"])]) -> dict[str, Any]:
    """Return the masked text of a file."""
    if len(data) > MAX_UPLOAD_BYTES:
        raise Problem(413, "too-large", f"文件超过 {MAX_UPLOAD_BYTES >> 20} MB；请只上传本案的案情部分")
    found = read_upload(name, data, runtime.settings.max_draft_chars)
    return {"name": found.name, "text": found.text, "characters": len(found.text), "n_masked": found.n_masked}
