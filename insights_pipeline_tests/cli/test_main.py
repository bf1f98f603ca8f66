"""What holds for the command as a whole: its version, completion in the shell, and colours on a terminal only."""

import os
import pty
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from insights_pipeline_tests.cli.conftest import Insights
from insights_pipeline_tests.demo import environment, program


def test_the_version_is_that_of_the_package(insights: Insights) -> None:
    ended = insights("--version")
    assert (ended.code, ended.out) == (0, f"insights {version('insights-pipeline')}\n")


def test_without_arguments_it_explains_itself(insights: Insights) -> None:
    ended = insights()
    assert ended.code == 0
    for command in ("run", "coverage", "dashboard", "doctor"):
        assert f" {command} " in ended.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_services(insights: Insights, shell: str) -> None:
    def completed(words: str) -> str:
        place = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1), "_TYPER_COMPLETE_ARGS": words}
        return insights(_INSIGHTS_COMPLETE=f"complete_{shell}", _TYPER_COMPLETE_FISH_ACTION="get-args", **place).out

    assert "dashboard" in completed("insights dash")
    services = completed("insights run --service ra")
    assert "radius" in services
    assert "sso" not in services


def on_a_terminal(home: Path, **variables: str) -> str:
    """What a wrong command shows to somebody who looks."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [program(), "query", "select 1"],
            env=environment(home) | {"TERM": "xterm-256color"} | variables,
            stdout=theirs,
            stderr=theirs,
            stdin=theirs,
            check=False,
        )
        return os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_colours_are_for_terminals_that_want_them(
    insights: Insights, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31mError:\x1b[0m There is no published database" in on_a_terminal(home)
    assert "\x1b[1mError:\x1b[0m There is no published database" in on_a_terminal(home, NO_COLOR="1")
    assert insights("query", "select 1").err.startswith("Error: There is no published database")
