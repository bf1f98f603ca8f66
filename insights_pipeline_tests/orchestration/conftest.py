"""One home for whatever loads the definitions: for another home dbt parses the project again, which takes 5 seconds."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For tests that bring a lake of their own and publish nothing, or nothing that others look at."""
    return tmp_path_factory.mktemp("home")
