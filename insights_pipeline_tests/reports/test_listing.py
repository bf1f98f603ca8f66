"""Lists are cut by a rule that they state."""

import pytest

from insights_pipeline.reports.listing import Field, ListOf, fit, listing

DEFINITION = ListOf(
    title="Failed attempts",
    question="none",
    things="failed attempts",
    order="newest first",
    file="authentications.csv",
    fields=(Field("Who", lambda row: row["who"]),),
    empty="No attempt failed.",
)


@pytest.mark.parametrize(
    ("rows", "total", "rule"),
    [
        (0, 0, ""),
        (1, 1, "The only one."),
        (2, 2, "All 2 failed attempts, newest first."),
        (2, 12_345, "2 of 12,345 failed attempts, newest first; all are in authentications.csv."),
    ],
)
def test_a_list_says_how_it_was_chosen_and_where_the_rest_is(rows: int, total: int, rule: str) -> None:
    made = listing(DEFINITION, [{"who": "x", "total": total}] * rows, with_org=False)
    assert made.rule == rule
    assert len(made.table.rows) == rows


def test_the_organization_is_a_column_only_where_there_are_several() -> None:
    rows = [{"who": "x", "org": "5f1a", "total": 1}]
    assert [column.title for column in listing(DEFINITION, rows, with_org=True).table.columns] == [
        "Who",
        "Organization",
    ]
    assert [column.title for column in listing(DEFINITION, rows, with_org=False).table.columns] == ["Who"]


def test_rows_are_kept_while_they_fit_as_they_are_escaped() -> None:
    plain, escaped = [("x" * 20,)] * 10, [("<" * 20,)] * 10
    assert len(fit(plain, 500)) == 5
    assert len(fit(escaped, 500)) == 3
    assert fit([], 0) == []


def test_a_list_that_was_cut_for_its_size_says_how_many_rows_it_shows() -> None:
    rows = [{"who": "<" * 200, "total": 1_000}] * 1_000
    made = listing(DEFINITION, rows, with_org=False)
    assert made.rule.startswith(f"{len(made.table.rows):,} of 1,000 failed attempts")
    assert len(made.table.rows) < 1_000
