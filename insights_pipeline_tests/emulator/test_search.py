"""Search terms, full text and exact match, over parsed events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.emulator.refusal import Refusal
from insights_pipeline.emulator.search import (
    Event,
    contains_words,
    holds_value,
    index_text,
    parse_search_term,
    project,
    values_at,
)

EVENT: Event = {
    "username": "Paul",
    "success": False,
    "initiated_by": {"username": "paul", "id": None},
    "outer": {"eap_type": "PEAP"},
    "association": [{"name": "a"}, {"name": "b"}],
    "changes": [{"field": "suspended"}],
    "error_code": 49,
    "message": "User Paul failed to log in",
}


def matches(term: Any) -> bool:
    predicate = parse_search_term(term)
    assert predicate is not None
    return predicate(EVENT)


@pytest.mark.parametrize(
    "term",
    [
        {"and": [{"username": "paul"}, {"success": "false"}]},
        {"and": [{"success": False}, {"error_code": 49}]},
        {"and": [{"username": ["root", "paul"]}]},
        {"or": [{"username": "root"}, {"outer.eap_type": "peap"}]},
        {"not": [{"username": "root"}]},
        {"and": [{"success": "false"}, {"or": [{"initiated_by.username": "paul"}, {"username": "x"}]}]},
        {"and": {"username": "paul", "success": "false"}},
        {"and": [{"association.name": "b"}]},
        {"and": []},
    ],
)
def test_terms_that_hold(term: Any) -> None:
    assert matches(term)


@pytest.mark.parametrize(
    "term",
    [
        {"and": [{"username": "Paul"}]},  # values are held in lower case
        {"and": [{"username": "paul"}, {"success": "true"}]},
        {"or": [{"username": "root"}]},
        {"or": []},
        {"not": [{"username": "paul"}, {"success": "true"}]},
        {"and": [{"changes.field": "suspended"}]},  # cannot be searched
        {"and": [{"initiated_by": "paul"}]},
        {"and": [{"initiated_by.id": "none"}]},
        {"and": [{"no_such_field": "x"}]},
    ],
)
def test_terms_that_do_not_hold(term: Any) -> None:
    assert not matches(term)


def test_a_term_nested_beyond_reason_is_too_complex() -> None:
    term: dict[str, Any] = {"and": [{"username": "paul"}]}
    for _ in range(40):
        term = {"and": [term]}
    with pytest.raises(Refusal) as refused:
        parse_search_term(term)
    assert refused.value.status == 500


def test_full_text_wants_every_word_and_exact_match_a_whole_value() -> None:
    assert contains_words("LOG paul")(EVENT)
    assert not contains_words("log peter")(EVENT)
    assert holds_value("peap")(EVENT)
    assert not holds_value("pea")(EVENT)
    assert not contains_words("suspended")(EVENT)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab.", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
events = st.dictionaries(st.text("ab.", min_size=1, max_size=3), json_values, max_size=4)
paths = st.text("ab.", min_size=1, max_size=6)


@given(events, paths)
def test_an_event_is_found_by_each_value_that_a_path_leads_to(event: Event, path: str) -> None:
    for value in values_at(event, path):
        predicate = parse_search_term({"and": [{path: index_text(value)}]})
        assert predicate is not None
        assert predicate(event)


@given(events, st.lists(paths, max_size=4))
def test_a_projection_adds_nothing_and_keeps_what_is_asked(event: Event, fields: list[str]) -> None:
    projected = project(event, tuple(fields))
    assert project(projected, tuple(fields)) == projected
    for field in fields:
        if field in event:
            assert projected[field] == event[field]
    assert set(projected) <= set(event)
