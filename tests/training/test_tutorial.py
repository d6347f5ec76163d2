"""The tutorial is a test: its blocks are run one after the other in an empty folder, as a reader would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
LIMIT_S = 300


def blocks(name: str) -> list[str]:
    return re.findall(r"^```bash\n(.*?)^```$", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_both_languages_run_the_same_commands() -> None:
    assert blocks("tutorial.zh.md") == blocks("tutorial.en.md")
    assert len(blocks("tutorial.zh.md")) == 9


def test_the_tutorial_runs_from_table_to_promoted_model(tmp_path: Path) -> None:
    commands = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(DOCS.parent), "PYTHONWARNINGS": "error"}
    commands.pop("NLP_HOME", None)
    script = "set -euo pipefail\n" + "\n".join(blocks("tutorial.zh.md"))
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=commands, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert "500 texts" in done.stdout
    tagged = json.loads((tmp_path / "tagged.jsonl").read_text(encoding="utf-8"))
    assert tagged["tags"]
    assert (tmp_path / "errors.html").stat().st_size > 1000
    history = [json.loads(line)["action"] for line in (tmp_path / "home" / "models" / "themes" / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert history == ["add", "promote", "add", "promote", "rollback"]
