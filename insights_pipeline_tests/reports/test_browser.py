"""The pages in headless Chromium: drawn, quiet, readable by everybody, at home on phones and desks, in light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from insights_pipeline.reports.write import WrittenReport
from insights_pipeline_tests.browser import Watched, needs_chromium, open_page

pytestmark = [
    needs_chromium,
    # Playwright speaks with its browser over pipes that asyncio sets up with a socket pair.
    pytest.mark.enable_socket,
]

CHARTS = {
    "authentication": ["channels", "countries", "factors"],
    "admin-changes": ["weakening", "hours"],
    "old-api-keys": ["burndown"],
    "coverage": ["calendar"],
}

LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Watched]:
    with open_page() as watched:
        yield watched


def show(browser: Watched, folder: Path, name: str, width: int, scheme: str) -> None:
    browser.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    browser.page.set_viewport_size({"width": width, "height": 900})
    browser.page.goto((folder / f"{name}.html").as_uri())


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", ["index", *CHARTS])
def test_a_page_is_quiet_and_fits_its_window(
    browser: Watched, report: WrittenReport, name: str, width: int, scheme: str
) -> None:
    show(browser, report.folder, name, width, scheme)
    assert browser.page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.errors == []
    assert browser.outside == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_once_with_text_that_is_text(
    browser: Watched, report: WrittenReport, name: str, width: int
) -> None:
    show(browser, report.folder, name, width, "light")
    for chart in CHARTS[name]:
        drawing = browser.page.locator(f"#{chart} svg:visible")
        assert drawing.count() == 1
        box = drawing.bounding_box()
        assert box is not None
        assert box["width"] > min(width, 700) * 0.8
        assert drawing.locator("path, rect").count() > 2
        assert drawing.locator("text").count() > 1
        described = browser.page.locator(f"#{chart} [role=img]")
        assert described.get_attribute("aria-describedby") == f"{chart}-summary"


def test_drawings_take_the_colours_of_light_and_dark(browser: Watched, report: WrittenReport) -> None:
    fills = []
    for scheme in ("light", "dark"):
        show(browser, report.folder, "authentication", 1280, scheme)
        fills.append(
            browser.page.evaluate("getComputedStyle(document.querySelector('#countries .wide path[fill]')).fill")
        )
        assert browser.page.evaluate("getComputedStyle(document.body).backgroundColor") not in fills
    assert len(set(fills)) == 2


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
@pytest.mark.parametrize("name", ["index", *CHARTS])
def test_contrast_labels_and_structure_pass_axe(
    browser: Watched, report: WrittenReport, name: str, width: int, scheme: str
) -> None:
    show(browser, report.folder, name, width, scheme)
    # A table of 200 rows has the faults of its first ten, and axe takes seconds for it.
    browser.page.evaluate("document.querySelectorAll('tbody tr:nth-child(n + 10)').forEach(row => row.remove())")
    browser.page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    found = Axe().run(browser.page)
    assert found.violations_count == 0, found.generate_report()


def test_hostile_names_run_nothing_and_push_nothing_aside(browser: Watched, hostile_report: WrittenReport) -> None:
    for name in CHARTS:
        for width in (360, 1280):
            show(browser, hostile_report.folder, name, width, "light")
            assert browser.page.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.errors == []
    assert browser.outside == []


def test_an_empty_tenant_is_quiet_too(browser: Watched, empty_report: WrittenReport) -> None:
    for name in ("index", *CHARTS):
        show(browser, empty_report.folder, name, 360, "light")
        assert browser.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert browser.errors == []


def test_it_is_read_without_scripts(browser: Watched, report: WrittenReport) -> None:
    session = browser.page.context.new_cdp_session(browser.page)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    show(browser, report.folder, "coverage", 1280, "light")
    assert browser.page.locator("#calendar svg:visible").count() == 1
    browser.page.locator("#calendar summary").click()
    assert browser.page.get_by_role("table", name="Coverage calendar").is_visible()
    session.send("Emulation.setScriptExecutionDisabled", {"value": False})
    session.detach()


def test_it_prints_with_the_wide_drawings_and_heads_on_every_page(browser: Watched, report: WrittenReport) -> None:
    show(browser, report.folder, "authentication", 360, "dark")
    browser.page.emulate_media(media="print", color_scheme="dark")
    assert browser.page.locator("#channels .wide svg").is_visible()
    assert not browser.page.locator("#channels .narrow svg").is_visible()
    assert browser.page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert browser.page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(28, 33, 39)"
    assert browser.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    browser.page.emulate_media(media="screen")
