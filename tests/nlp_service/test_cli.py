"""Tests of the command line as a whole: the list of commands, wrong options, wrong settings, interruption."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlp_service.cli import main
from nlp_service.commands import COMMANDS, CommandError

Cli = Callable[..., SimpleNamespace]


def test_help_names_every_command_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for name, command in COMMANDS.items():
        assert name in text
        assert command.HELP[:6] in text
    assert {"import", "build", "search", "assess", "serve", "keys"} <= set(COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert f"nlp-service {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv", [[], ["fly"], ["search", "--colour"], ["--home"], ["import"], ["build", "extra"], ["search", "--top", "many", "x"], ["serve", "--port", "http"]]
)
def test_what_is_not_known_ends_with_2_and_usage(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert "usage: nlp-service" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [("NLP_PORT", "seventy"), ("NLP_PORT", "70000"), ("NLP_WORKERS", "0"), ("NLP_REFRESH_S", "-1"), ("NLP_MAX_BODY_BYTES", "5"), ("NLP_MAX_WAITING", "")],
)
def test_a_wrong_setting_is_named_as_it_is_written(run_cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    done = run_cli("build")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"错误：设置 {name}：")
    assert done.err.count("\n") == 1


def test_an_encoder_that_is_not_there_is_named(run_cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NLP_ENCODER_DIR", str(tmp_path / "none"))
    done = run_cli("build")
    assert done.code == 2
    assert str(tmp_path / "none") in done.err
    assert "NLP_ENCODER_DIR" in done.err


def test_the_home_comes_from_the_option_else_from_the_environment(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"case_id": "A", "facts": "x"}\n', encoding="utf-8")
    monkeypatch.setenv("NLP_HOME", str(tmp_path / "env"))
    assert main(["import", str(path)]) == 0
    assert (tmp_path / "env" / "cases.db").exists()
    assert main(["--home", str(tmp_path / "option"), "import", str(path)]) == 0
    assert (tmp_path / "option" / "cases.db").exists()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("error", "code", "words"), [(KeyboardInterrupt(), 130, "已中断"), (BrokenPipeError(), 1, ""), (CommandError("某处：某事"), 2, "错误：某处：某事")]
)
def test_how_a_command_that_stops_ends(run_cli: Cli, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str) -> None:
    def stop(*_: object) -> int:
        raise error

    monkeypatch.setattr(COMMANDS["build"], "run", stop)
    done = run_cli("build")
    assert done.code == code
    assert done.err == (f"{words}；已写入的内容保留\n" if code == 130 else f"{words}\n" if words else "")


def test_a_pipe_gets_plain_text(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nlp_service.cli", "--home", str(home), "search", "油烟"], capture_output=True, text=True, check=True, timeout=60
    )
    assert not re.search("\x1b", done.stdout)
    assert done.stderr == ""
