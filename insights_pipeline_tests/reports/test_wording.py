"""Numbers, times and what users typed, put into words."""

import pytest

from insights_pipeline.reports.charts import level, marked
from insights_pipeline.reports.coverage import abbreviated
from insights_pipeline.reports.period import Period
from insights_pipeline.reports.render import size
from insights_pipeline.reports.wording import MOST_CHARACTERS, compact, country, listed, many, share, shown


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "–"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 3, "33.3%"),
        (1, 10_000, "under 0.1%"),
        (9_999, 10_000, "over 99.9%"),
    ],
)
def test_a_share_never_claims_none_or_all_where_it_is_not_so(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_000, "1.0k"), (9_949, "9.9k"), (9_950, "10k"), (1_234_567, "1.2M")]
)
def test_a_number_in_a_cell_has_four_characters_at_most(number: int, text: str) -> None:
    assert compact(number) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1_234, "1.2 kB"), (34_567, "35 kB"), (999_900, "1.0 MB")]
)
def test_a_size_is_told_in_powers_of_a_thousand(count: int, text: str) -> None:
    assert size(count) == text


def test_one_person_is_no_people() -> None:
    assert [many(number, "person", "people") for number in (0, 1, 1_234)] == ["0 people", "1 person", "1,234 people"]


def test_what_cannot_be_seen_is_shown_as_such() -> None:
    assert shown("a\x00b\u202ec\ud800") == "a\ufffdb\ufffdc\ufffd"
    assert shown(None) == ""


def test_a_long_text_is_cut_and_says_so() -> None:
    assert shown("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS
    cut = shown("x" * 100_000)
    assert len(cut) == MOST_CHARACTERS
    assert cut.endswith("x…")


def test_a_country_is_named_and_an_unknown_code_stays_a_code() -> None:
    assert [country(code) for code in ("MD", "us", "XQ", None)] == ["Moldova", "United States", "XQ", ""]


def test_a_list_of_names_never_leaves_out_just_one() -> None:
    assert listed(["a", "b", "c"], 2) == "a, b, c"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 others"


def test_levels_of_heat_run_from_none_to_the_busiest() -> None:
    assert [level(count, 100) for count in (0, 1, 4, 5, 100)] == [0, 1, 1, 2, 5]


def test_the_last_bucket_is_always_labelled() -> None:
    from datetime import date

    buckets = Period(date(2026, 11, 1), date(2026, 11, 10)).buckets()
    assert marked(buckets, 3) == ["2026-11-02", "2026-11-06", "2026-11-10"]
    assert marked([], 3) == []


def test_organizations_are_abbreviated_only_where_that_tells_them_apart() -> None:
    apart = [f"{letter * 24}" for letter in "ab"]
    assert abbreviated(apart) == {apart[0]: "aaaaa…aaaa", apart[1]: "bbbbb…bbbb"}
    alike = ["0" * 12 + middle + "0" * 12 for middle in "12"]
    assert abbreviated(alike) == {name: name for name in alike}
    assert abbreviated(["self"]) == {"self": "self"}
