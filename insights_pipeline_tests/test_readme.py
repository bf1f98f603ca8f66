"""The README promises nothing that isn't there, and leaves out nothing that is."""

import re
from pathlib import Path

import pytest
import typer.main

from insights_pipeline.cli.main import app
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import PUBLISHED_TABLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
OPERATING = (ROOT / "docs" / "operating.md").read_text()
COMMANDS = sorted(typer.main.get_group(app).commands)


@pytest.mark.parametrize("name", [field.alias for field in Settings.model_fields.values()])
def test_every_setting_is_explained(name: str) -> None:
    assert f"`{name}`" in README


def test_every_variable_that_it_names_is_a_setting() -> None:
    named = set(re.findall(r"\b(?:JUMPCLOUD|INSIGHTS|DAGSTER|SPARK|JAVA)_[A-Z_]+\b", README))
    assert named == {field.alias for field in Settings.model_fields.values()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_explained(command: str) -> None:
    assert f"| `insights {command}" in README


@pytest.mark.parametrize("table", PUBLISHED_TABLES)
def test_every_published_table_is_named(table: str) -> None:
    assert f"| `{table}` |" in README


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets


@pytest.mark.parametrize("target", re.findall(r"\]\((?!https?:)([^)#]+)\)", README + OPERATING))
def test_every_page_that_it_links_to_is_there(target: str) -> None:
    assert (ROOT / target).exists() or (ROOT / "docs" / target).exists()


@pytest.mark.parametrize("place", re.findall(r"^  ([a-z_]+(?:/|\.py)) ", README, re.MULTILINE))
def test_every_room_on_the_map_is_there(place: str) -> None:
    assert (ROOT / "insights_pipeline" / place).exists()
