"""One home for whatever loads the definitions: for another home dbt parses the project again, which takes 5 seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from insights_pipeline_tests.orchestration.story import Story, told


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For tests that bring a lake of their own and publish nothing, or nothing that others look at."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def story(shared_home: Path) -> Iterator[Story]:
    """The stages of one home; five builds in all, since one takes 10 seconds."""
    with told(shared_home) as story:
        yield story
