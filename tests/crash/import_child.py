"""Run in a process of its own, to be killed: imports a file and says after each batch how many records are acknowledged.

`runpy` runs it with `store_path`, `file_path`, `batch` and `acknowledge` (one end of a pipe) among its globals.
"""

from __future__ import annotations

from typing import Any

from corpora import importing
from corpora.store import CaseStore

given: dict[str, Any] = globals()
importing.BATCH = given["batch"]
with CaseStore.open(given["store_path"]) as store:
    importing.import_files(store, [given["file_path"]], on_progress=given["acknowledge"].send)
given["acknowledge"].send(-1)  # finished
