"""What the pages say, read without a browser: coverage first, nothing that users typed as markup, nothing invented."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from insights_pipeline.reports.write import WrittenReport, write_reports
from insights_pipeline_tests.reports.published import coverage, publish

NAMES = ("index", "authentication", "admin-changes", "old-api-keys", "coverage")


class Tags(HTMLParser):
    """Counts elements, and collects what they point at."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def read(folder: Path, name: str) -> Tags:
    tags = Tags()
    tags.feed((folder / f"{name}.html").read_text())
    return tags


@pytest.mark.parametrize("name", NAMES)
def test_a_page_needs_nothing_but_itself(report: WrittenReport, name: str) -> None:
    tags = read(report.folder, name)
    assert tags.names.isdisjoint({"script", "link", "img", "iframe", "image", "object", "embed"})
    targets = {value for key, value in tags.attributes if key in ("href", "src", "xlink:href") and value}
    beside = {path.name for path in report.folder.iterdir()}
    assert not {target for target in targets if not target.startswith("#")} - beside
    assert not re.search(r"url\((?!#)|@import", (report.folder / f"{name}.html").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_no_identifier_occurs_twice(report: WrittenReport, name: str) -> None:
    identifiers = [value for key, value in read(report.folder, name).attributes if key == "id"]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("name", NAMES)
def test_gaps_are_named_at_the_top_of_every_page(report: WrittenReport, name: str) -> None:
    text = " ".join(read(report.folder, name).text.split())
    top = text.partition("Coverage is not complete")[2][:1_000]
    for gap in (
        "221 of 240 days of a service are complete; 4 short, 1 over, 10 missing, 4 unverified",
        "short 2026-11-02 to 2026-11-05 radius of 7c2b, 400 of 440 events held",
        "over 2026-11-20 sso of 5f1a, 100 of 110 events held",
        "missing 2026-10-25 to 2026-10-29 ldap of 5f1a",
        "unverified 2026-11-11 all 4 services of 7c2b, 400 events held, not counted",
    ):
        assert gap in top
    assert "2 organizations: 5f1a, 7c2b" in text


def test_days_between_known_ones_that_nobody_asked_for_are_a_gap(tmp_path: Path) -> None:
    publish(tmp_path, coverage("2026-11-01", "2026-11-02"), coverage("2026-11-06", "2026-11-08"))
    basis = write_reports(tmp_path).basis
    assert not basis.is_complete
    ((state, days, services),) = {(gap.state, gap.days, gap.services) for gap in basis.gaps}
    assert (state, days, services) == ("missing", "2026-11-03 to 2026-11-05", "every service")


@pytest.mark.parametrize("name", NAMES)
def test_what_users_type_is_text(hostile_report: WrittenReport, name: str) -> None:
    page = (hostile_report.folder / f"{name}.html").read_text()
    tags = read(hostile_report.folder, name)
    assert "img" not in tags.names
    assert not [key for key, _ in tags.attributes if key.startswith("on")]
    assert "\u202e" not in page
    assert "\x07" not in page
    assert "49" not in re.findall(r"onerror=alert\(1\)&gt;&#34;&amp;(\d+)", page)


def test_hostile_names_are_on_the_pages_as_they_were_typed(hostile_report: WrittenReport) -> None:
    for name in NAMES[1:4]:
        assert '<img src=x onerror=alert(1)>"&{{ 7 * 7 }}W<W<' in read(hostile_report.folder, name).text


def test_an_empty_tenant_is_told_apart_from_one_that_is_not_held(empty_report: WrittenReport, tmp_path: Path) -> None:
    assert "Coverage is complete." in read(empty_report.folder, "index").text
    assert [page.headline for page in empty_report.pages][:3] == [
        "No attempt to sign in is held.",
        "No change in the directory is held.",
        "No call with an old admin API key is held.",
    ]
    assert "There is nothing to draw in this period." in read(empty_report.folder, "authentication").text
    publish(tmp_path, coverage("2026-11-18", "2026-11-24", state="'missing'"))
    never = write_reports(tmp_path)
    assert "Coverage is not complete" in read(never.folder, "index").text
    assert never.basis.as_of == "no fetch yet"


def test_a_cut_list_says_so(report: WrittenReport) -> None:
    total = report.rows["authentications"] // 9
    text = read(report.folder, "authentication").text
    found = re.search(r"200 of ([\d,]+) failed attempts, newest first; all are in authentications.csv.", text)
    assert found is not None
    assert int(found[1].replace(",", "")) == pytest.approx(total, abs=1)


def test_figures_agree_with_the_rows(report: WrittenReport) -> None:
    figures = {page.name: {figure.label: figure.value for figure in page.figures} for page in report.pages}
    assert figures["authentication"]["Attempts"] == f"{report.rows['authentications']:,}"
    assert figures["admin-changes"]["Changes"] == f"{report.rows['admin_changes']:,}"
    assert figures["old-api-keys"]["Calls"] == f"{report.rows['old_api_key_attempts']:,}"
    assert figures["old-api-keys"]["Active callers"] == "20"
    assert figures["coverage"]["Complete"] == "92.1%"
