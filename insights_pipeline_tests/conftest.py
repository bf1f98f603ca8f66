"""What tests of several rooms share: a clean environment, and the emulator's settings."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from insights_pipeline.emulator import DEMO_API_KEY
from insights_pipeline.settings import IsolatedSettings
from insights_pipeline_tests.demo import Demo, insights
from insights_pipeline_tests.object_store import ObjectStore, running_object_store
from insights_pipeline_tests.postgres import Postgres, running_postgres

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Material that lies beside some clones of the project; tests that use it skip where it isn't."""


# How long an example takes is the machine's business: on a busy one the first of a test takes a third of a second.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_COSTLY = ("stages", "demo", "postgres")
"""Fixtures of a session that take seconds to make, or a minute."""

_LONGEST_FIRST = ("orchestration", *_COSTLY)
"""Groups of tests that take minutes: begun last, one of them would run while the other workers have nothing left."""


# Before xdist looks for the groups, which it silently does without.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers, the tests of a file go to the same one, and so do those that share something costly.

    All of orchestration does: each home that loads the definitions has dbt parse the project again.
    """
    groups: dict[str, str] = {}
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        costly = next((name for name in _COSTLY if name in names), None)
        room = "orchestration" if item.path.parent.name == "orchestration" else str(item.path)
        groups[item.nodeid] = room if room == "orchestration" else costly or room
        item.add_marker(pytest.mark.xdist_group(groups[item.nodeid]))
    places = {group: place for place, group in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(groups[item.nodeid], len(places)))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a tenant configured; no test may reach it."""
    for field in IsolatedSettings.model_fields.values():
        if field.alias is not None:
            monkeypatch.delenv(field.alias, raising=False)


@pytest.fixture(scope="session")
def public_event_files() -> list[Path]:
    """Events that were published somewhere, real ones."""
    files = sorted((SHARED / "events").glob("*.jsonl"))
    if not files:
        pytest.skip("the published events don't lie beside this clone")
    return files


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A week of the emulated company, published; to be read and nothing else."""
    home = tmp_path_factory.mktemp("demo")
    return Demo(home / "demo", insights(home, "demo"), insights(home, "demo"))


@pytest.fixture(scope="session")
def emulator_settings() -> Callable[..., IsolatedSettings]:
    """Settings for an emulator's address and a home, with anything else by alias."""

    def settings(url: str, home: Path, **others: Any) -> IsolatedSettings:
        values: dict[str, Any] = {"INSIGHTS_SETTLE_MINUTES": 0, "INSIGHTS_MAX_REQUESTS_PER_SECOND": 1000} | others
        return IsolatedSettings(JUMPCLOUD_API_URL=url, JUMPCLOUD_API_KEY=DEMO_API_KEY, INSIGHTS_HOME=home, **values)

    return settings


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """An empty server; tests that use it are marked `needs_postgres`."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def object_store_server() -> Iterator[ObjectStore]:
    """For all tests of a process; each takes an address of its own in it."""
    with running_object_store() as store:
        yield store


@pytest.fixture
def object_store(object_store_server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """The server, which behaves, as the environment's; tests that use it are marked `needs_object_store`."""
    for name, value in object_store_server.variables.items():
        monkeypatch.setenv(name, value)
    yield object_store_server
    door = object_store_server.door
    door.refused = door.lost = door.latency_seconds = 0.0
