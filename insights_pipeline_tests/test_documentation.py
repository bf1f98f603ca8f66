"""What README and docs tell people to type: queries are run on the demo, and every command and option exists."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from insights_pipeline.cli.main import app
from insights_pipeline_tests.demo import Demo, insights

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

COMMANDS = typer.main.get_group(app).commands
GENERAL = {"-h", "--help", "--version", "--install-completion", "--show-completion"}

# A command may go on over several lines within quotes.
_LINE = re.compile(r'^(?:\w+=\S+ )*\.venv/bin/insights ((?:"[^"]*"|[^"\n#])+)', re.MULTILINE)
_IN_TEXT = re.compile(r"`insights ([a-z][^`]*)`")


def typed(page: Path) -> list[str]:
    """The commands in the page's blocks of shell, without the program's name."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return [command.strip() for block in blocks for command in _LINE.findall(block)]


def mentioned(page: Path) -> list[str]:
    """The commands that its sentences name."""
    return [re.split(r"[\[|…]", command)[0].strip() for command in _IN_TEXT.findall(page.read_text())]


QUERIES = [command for page in PAGES for command in typed(page) if command.startswith("query ")]


def test_there_are_queries_to_try() -> None:
    assert len(QUERIES) >= 4


@pytest.mark.parametrize("command", QUERIES)
def test_a_query_that_is_shown_can_be_asked(demo: Demo, command: str) -> None:
    ended = insights(demo.home, *shlex.split(command))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_is_shown_exists(page: Path) -> None:
    for command in typed(page) + mentioned(page):
        name, *rest = shlex.split(command)
        assert name in COMMANDS, command
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts} | GENERAL
        assert {word for word in rest if word.startswith("-")} <= known, command


def test_every_page_and_picture_that_is_linked_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_page_of_tables_says_what_the_published_database_says(demo: Demo) -> None:
    """Make it again as its head says."""
    ended = insights(demo.home, "schema", "--published", "--format", "markdown")
    assert ended.stdout == (ROOT / "docs" / "tables.md").read_text()
