"""`insights dashboard` in a browser: what people see, that filters and links work, and that nothing leaves the machine."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from insights_pipeline.reports.dashboard.views import TITLES
from insights_pipeline_tests.browser import Watched, needs_chromium, open_page
from insights_pipeline_tests.demo import Demo, environment, program

pytestmark = needs_chromium

WILD = "=cmd|'<img src=x onerror=alert(1)>'![a](http://outside.example/a.png)"
"""What somebody typed for a user name: a formula, a script, and a picture from elsewhere."""


@dataclass(frozen=True)
class Dashboard:
    url: str
    home: Path

    def republish(self, statement: str) -> None:
        """Puts a changed copy in the file's place, as the pipeline does."""
        file = self.home / "insights.duckdb"
        copy = Path(shutil.copy(file, self.home / "next.duckdb"))
        with duckdb.connect(str(copy)) as connection:
            connection.execute(statement)
        os.replace(copy, file)


@pytest.fixture(scope="module")
def dashboard(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    home = tmp_path_factory.mktemp("dashboard")
    shutil.copy(demo.home / "insights.duckdb", home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    served = Dashboard(f"http://127.0.0.1:{port}", home)
    served.republish(f"update authentications set actor = $${WILD}$$ where actor = 'priya.ueda'")
    with subprocess.Popen(
        [program(), "dashboard", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            _wait_for(served.url, process)
            yield served
        finally:
            process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert served.url in printed.decode()
    assert "Traceback" not in printed.decode()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the dashboard doesn't answer")


@pytest.fixture(scope="module")
def browser(dashboard: Dashboard) -> Iterator[Watched]:
    with open_page() as watched:
        watched.page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)
        yield watched


@pytest.fixture
def page(browser: Watched) -> Iterator[Page]:
    """The page, which may neither complain nor ask anything of other machines, whatever the test does."""
    browser.errors.clear()
    yield browser.page
    assert browser.errors == []
    assert browser.outside == []


def opened(page: Page, dashboard: Dashboard, address: str = "") -> Page:
    page.goto(f"{dashboard.url}/?{address}")
    settled(page)
    return page


def settled(page: Page) -> None:
    """Waits until the page has run and its tables and charts are drawn."""
    expect(page.get_by_role("heading", name="Directory Insights")).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)


def figure(page: Page, caption: str) -> int:
    metric = page.locator("[data-testid=stMetric]").filter(has=page.get_by_text(caption, exact=True))
    return int(metric.locator("[data-testid=stMetricValue]").inner_text().replace(",", ""))


def rows_of(dashboard: Dashboard, sql: str) -> int:
    with duckdb.connect(str(dashboard.home / "insights.duckdb"), read_only=True) as connection:
        (number,) = connection.execute(sql).fetchall()[0]
    return int(number)


@pytest.mark.parametrize(
    ("view", "scheme"), [*((title, "light") for title in TITLES.values()), ("Activity log", "dark")]
)
def test_every_view_is_drawn_and_passes_axe(
    page: Page, dashboard: Dashboard, view: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    opened(page, dashboard, f"view={view.replace(' ', '+')}&service=directory&time=Everything")
    expect(page.locator("canvas[data-testid=data-grid-canvas]").first).to_be_visible()
    expect(
        page.locator("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas").first
    ).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found] == []
    page.emulate_media(color_scheme="light")


def test_filters_narrow_what_is_shown_and_the_address_keeps_them(page: Page, dashboard: Dashboard) -> None:
    opened(page, dashboard)
    everything = figure(page, "Attempts")
    assert everything == rows_of(dashboard, "select count(*) from authentications")
    page.get_by_label("Actor").fill("Kumar")
    page.get_by_label("Actor").press("Enter")
    expect(page.get_by_text("actor contains Kumar")).to_be_visible()
    settled(page)
    expected = rows_of(dashboard, "select count(*) from authentications where actor ilike '%kumar%'")
    assert 0 < figure(page, "Attempts") == expected < everything

    page.get_by_label("Outcome").click()
    page.get_by_role("option", name="failure").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("outcome failure")).to_be_visible()
    settled(page)
    failures = figure(page, "Attempts")
    assert failures == figure(page, "Failures") < expected
    link = page.url
    assert "actor=Kumar" in link
    assert "outcome=failure" in link

    opened(page, dashboard, link.partition("?")[2])
    assert figure(page, "Attempts") == failures
    page.get_by_text("Coverage", exact=True).click()
    expect(page.get_by_text("Days of services", exact=True)).to_be_visible()
    page.get_by_text("Authentications", exact=True).click()
    expect(page.get_by_text("outcome failure")).to_be_visible()
    settled(page)
    assert figure(page, "Attempts") == failures


def test_what_a_link_asks_for_and_nothing_has_shows_nothing(page: Page, dashboard: Dashboard) -> None:
    opened(page, dashboard, "view=Activity+log&country=ZZ")
    expect(page.get_by_text("There are no events for these filters.")).to_be_visible()
    assert figure(page, "Events") == 0


def test_a_stretch_of_hours_can_be_linked(page: Page, dashboard: Dashboard) -> None:
    last_day = "(select max(event_date) from authentications)"
    day = str(rows_of(dashboard, f"select strftime({last_day}, '%Y%m%d')::int"))
    day = f"{day[:4]}-{day[4:6]}-{day[6:]}"
    opened(page, dashboard, f"time=From+…+to+…&from={day}T10:00&to={day}T12:30")
    expect(page.get_by_text(f"{day} 10:00 to {day} 12:30 UTC")).to_be_visible()
    assert figure(page, "Attempts") == rows_of(
        dashboard,
        "select count(*) from authentications "
        f"where occurred_at >= timestamptz '{day} 10:00+00' and occurred_at < timestamptz '{day} 12:30+00'",
    )


def test_a_row_is_told_in_a_sentence_and_shown_whole(page: Page, dashboard: Dashboard) -> None:
    opened(page, dashboard, "view=Admin+changes&actor=support.desk&type=organization_update")
    grid = page.locator("[data-testid=stDataFrame]").first
    expect(grid.locator("canvas[data-testid=data-grid-canvas]")).to_be_visible()
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 18, "y": 52})
    expect(page.get_by_role("heading", name="Event")).to_be_visible()
    sentence = page.locator("[data-testid=stText]").filter(has_text=re.compile("changed organization settings: .* → "))
    expect(sentence).to_be_visible()
    expect(page.locator("[data-testid=stCode]")).to_contain_text('"event_type": "organization_update"')


def test_what_users_typed_is_shown_as_text_and_is_no_formula_in_the_download(page: Page, dashboard: Dashboard) -> None:
    opened(page, dashboard, "actor=onerror")
    attempts = figure(page, "Attempts")
    assert attempts > 0
    assert page.locator("img[src=x], img[src*=outside]").count() == 0
    with page.expect_download() as download:
        page.get_by_role("button", name="as CSV").click()
    assert download.value.suggested_filename == "authentications.csv"
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert {row["actor"] for row in rows} == {f"'{WILD}"}
    assert len(rows) == attempts
    opened(
        page,
        dashboard,
        "actor=%3Cimg+src%3Dx%3E![a](http://outside.example/a.png)&type=![a](http://outside.example/b.png)",
    )
    expect(page.get_by_text("There are no attempts for these filters.")).to_be_visible()
    assert page.locator("img[src=x], img[src*=outside]").count() == 0


def test_on_a_phone_the_filters_wait_behind_a_button_and_nothing_is_cut_off(page: Page, dashboard: Dashboard) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, dashboard)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_label("Actor")).not_to_be_in_viewport()
    page.locator("[data-testid=stExpandSidebarButton]").click()
    expect(page.get_by_label("Actor")).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 900})


def test_what_is_published_while_the_page_is_open_shows_by_itself(page: Page, dashboard: Dashboard) -> None:
    opened(page, dashboard, "view=Admin+changes")
    changes = figure(page, "Changes")
    dashboard.republish("delete from admin_changes where effect <> 'weakens'")
    expect(page.locator("[data-testid=stMetricValue]").first).not_to_have_text(f"{changes:,}")
    settled(page)
    assert figure(page, "Changes") == figure(page, "Weaken security") < changes
    dashboard.republish("delete from coverage")
    expect(page.get_by_text("Nothing is known of any day yet")).to_be_visible()
    dashboard.republish("drop table coverage")
    expect(page.get_by_text("This can't be answered.")).to_be_visible()
    (dashboard.home / "insights.duckdb").unlink()
    expect(page.get_by_text("There is no published database yet.")).to_be_visible()


def test_nobody_but_this_machine_can_ask(dashboard: Dashboard) -> None:
    # Whatever listens on every address of a machine answers on the second one of its loopback too.
    program = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)"
    port = dashboard.url.rpartition(":")[2]
    ended = [
        subprocess.run([sys.executable, "-c", program, address, port], capture_output=True, check=False).returncode
        for address in ("127.0.0.1", "127.0.0.2")
    ]
    assert ended == [0, 1]


def test_a_page_of_another_site_gets_no_data(dashboard: Dashboard) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    stream = f"{dashboard.url}/_stcore/stream"
    assert httpx.get(stream, headers=headers | {"Origin": dashboard.url}).status_code == 101
    assert httpx.get(stream, headers=headers | {"Origin": "http://elsewhere.example"}).status_code == 403
    rebound = {"Origin": "http://elsewhere.example", "Host": "elsewhere.example"}
    assert httpx.get(stream, headers=headers | rebound).status_code == 403
