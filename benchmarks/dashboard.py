"""How long the dashboard takes to answer a filter, from the change to the whole page, over 1,000,000 events in 90 days.

    python -m benchmarks.dashboard [--events N] [--days N] [--folder DIR]

The events are those of the emulated tenant, multiplied with ids of their own, through dbt. Each figure is of the page after a
change of its controls to what was never asked before; prints one JSON object a figure: seconds, and CPU seconds of the
process, which is what to compare on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

from benchmarks.models import add_days, build, template_day
from insights_pipeline.lake import Lake
from insights_pipeline.reports.dashboard import page
from insights_pipeline.reports.dashboard.views import TITLES
from insights_pipeline.warehouse import publish, published_file


def _time(value: str) -> Callable[[AppTest], bool]:
    def change(app: AppTest) -> bool:
        app.selectbox(key="time").set_value(value)
        return True

    return change


def _several(key: str, values: list[str]) -> Callable[[AppTest], bool]:
    """Changes a control; False where the view has none such."""

    def change(app: AppTest) -> bool:
        for control in app.multiselect:
            if control.key == key:
                control.set_value(values)
                return True
        return False

    return change


def _actor(name: str) -> Callable[[AppTest], bool]:
    def change(app: AppTest) -> bool:
        for control in app.text_input:
            control.set_value(name)
        return len(app.text_input) > 0

    return change


CHANGES: Mapping[str, Callable[[AppTest], bool]] = {
    "of everything instead of 7 days": _time("Everything"),
    "of everything, a country": _several("country", ["DE"]),
    "of everything, any country, a person": lambda app: _several("country", [])(app) and _actor("vera")(app),
    "of everything, the person's failures": _several("outcome", ["failure"]),
    "of everything, the person's failures of a service": _several("service", ["directory"]),
    "the same of 30 days": _time("Last 30 days"),
    "of 30 days, all of a service": lambda app: _actor("")(app) and _several("outcome", [])(app),
}
"""One after the other, each on top of those before."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--days", type=int, default=90)
    arguments.add_argument(
        "--folder", type=Path, help="where to work; kept, and used again. Default: a temporary folder"
    )
    chosen = arguments.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="insights-benchmark-"))
    try:
        home = folder / "home"
        if not published_file(home).exists():
            make(folder, home, chosen.events, chosen.days)
        for figure in measure(home):
            print(json.dumps(figure), flush=True)
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder)


def make(folder: Path, home: Path, events: int, days: int) -> None:
    """Publishes about so many events."""
    lake = Lake(home / "lake")
    add_days(lake, template_day(Lake(folder / "template"), events // days), days)
    build(home, lake, "the database")
    publish(home, lake)


def measure(home: Path) -> Iterator[dict[str, float | int | str]]:
    """The first look, then in the same session each view with each filter."""
    # Streamlit complains at every run that there is no server around it.
    logging.disable(logging.WARNING)
    sys.argv = [str(page.__file__), str(home)]
    app = AppTest.from_file(str(page.__file__), default_timeout=120)
    yield {"what": "first look, with all there is to choose from", **seconds(app)}
    for view, title in TITLES.items():
        app.radio(key="view").set_value(view).run()
        for name, change in CHANGES.items():
            if change(app):
                yield {"what": f"{title}: {name}", **seconds(app)}
        reset(app)


def reset(app: AppTest) -> None:
    """Back to the last 7 days of everything."""
    for control in (*app.multiselect, *app.text_input):
        control.set_value([] if control.type == "multiselect" else "")
    app.selectbox(key="time").set_value("Last 7 days").run()


def seconds(app: AppTest) -> dict[str, float]:
    """One run of the page with what was changed before."""
    started, cpu_started = time.perf_counter(), time.process_time()
    app.run()
    figures = {
        "seconds": round(time.perf_counter() - started, 3),
        "cpu_seconds": round(time.process_time() - cpu_started, 3),
    }
    if app.exception or app.error:
        raise RuntimeError("the page failed")
    return figures


if __name__ == "__main__":
    main()
