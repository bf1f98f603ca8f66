"""Runs the command in this process, as its entry point does, and tells how it ended."""

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from insights_pipeline.cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Insights = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command would write; not there yet."""
    folder = tmp_path / "home"
    monkeypatch.setenv("INSIGHTS_HOME", str(folder))
    return folder


@pytest.fixture
def insights(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Insights]:
    """`insights("run", "--from", "2026-01-01", JUMPCLOUD_REGION="eu")`."""

    def run(*arguments: str, **environment: str) -> Ended:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["insights", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        code = exit_.value.code
        assert code is None or isinstance(code, int)
        return Ended(code or 0, captured.out, captured.err)

    yield run
    # `-v` is for the process, which here goes on with other tests.
    package = logging.getLogger("insights_pipeline")
    package.setLevel(logging.NOTSET)
    package.propagate, package.handlers = True, []
