"""The house's rules, read from the source: who may import whom, who touches the environment, what modules say of themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import insights_pipeline

ROOT = Path(insights_pipeline.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# Each may import those before it, never one after.
ORDER = (
    "settings",
    "jumpcloud",
    "lake",
    "collector",
    "events",
    "warehouse",
    "reports",
    "orchestration",
    "emulator",
    "cli",
    "definitions",
)
STANDALONE = ("jumpcloud", "lake", "emulator")
DAGSTER_ROOMS = ("orchestration", "cli", "definitions")


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def rooms_imported(path: Path) -> set[str]:
    return {
        name.split(".")[1]
        for name in imports(path)
        if name.startswith("insights_pipeline.") and len(name.split(".")) > 1
    }


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_rooms_before_its_own(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        # For type checkers alone; that importing the package imports none of it is held below.
        assert rooms_imported(path) <= {"reports"}
        return
    later = {other for other in rooms_imported(path) if ORDER.index(other) > ORDER.index(room)}
    assert not later


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_that_stand_alone_import_nothing_else_of_the_package(path: Path) -> None:
    room = room_of(path)
    if room in STANDALONE:
        assert rooms_imported(path) <= {room}


def test_only_the_command_line_uses_the_emulator() -> None:
    users = {room_of(path) for path in MODULES if "emulator" in rooms_imported(path)}
    assert users <= {"emulator", "cli"}


def test_only_orchestration_and_what_stands_on_it_import_dagster() -> None:
    users = {
        room_of(path) for path in MODULES if any(name.split(".")[0].startswith("dagster") for name in imports(path))
    }
    assert users <= set(DAGSTER_ROOMS)


def test_only_settings_touches_the_environment() -> None:
    touching = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv"))
    }
    assert touching <= {"settings.py"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_belongs_in_it(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_importing_the_package_imports_nothing_that_takes_time() -> None:
    heavy = ("pandas", "pyarrow", "duckdb", "dagster", "dbt", "pydantic", "httpx", "streamlit", "altair")
    program = "import sys, insights_pipeline; print([name for name in sys.argv[1:] if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_the_command_imports_dagster_and_streamlit_only_where_they_run() -> None:
    heavy = ("dagster", "dbt", "streamlit", "altair", "pandas")
    program = "import sys, insights_pipeline.cli.main; print([name for name in sys.argv[1:] if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_there_are_modules_to_hold_against_the_rules() -> None:
    assert {"settings", "jumpcloud", "lake", "collector", "events"} <= {room_of(path) for path in MODULES}


def test_tests_that_share_something_go_to_the_same_worker(request: pytest.FixtureRequest) -> None:
    """Else every worker makes it again, which once took a third of the time of all tests."""
    if not request.config.getoption("loadgroup", False):  # as xdist tells its workers
        pytest.skip("the tests run in one process")
    assert request.node.nodeid.endswith(f"@{__file__}")
