"""Documents that stand for many events, and findings that go back to each."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from insights_pipeline.events import spread
from insights_pipeline.events.condensed import condensed
from insights_pipeline.events.field import Field, boolean, json_text, struct, text
from insights_pipeline.events.reading import member_column

FIELDS = (
    text("username", "A name."),
    boolean("mfa", "Whether there was a factor."),
    struct("useragent", "A program.", text("name", "Its name."), elsewhere=("/useragent/useragent", "/user_agent")),
    json_text("changes", "Any JSON."),
)
LISTS = pa.list_(pa.field("element", pa.string()))


def rows(events: list[dict[str, Any]]) -> pa.Table:
    """What reading makes of the events: the JSON of each member that one of them has, null where it is null."""
    keys = sorted({key for event in events for key in event})
    members = {
        key: [None if event.get(key) is None else json.dumps(event[key], ensure_ascii=False) for event in events]
        for key in keys
    }
    return pa.table(
        {member_column(key): pa.chunked_array([pa.array(texts, pa.string())]) for key, texts in members.items()}
    )


def seen(event: dict[str, Any], field: Field) -> dict[str, Any]:
    keys = {"useragent": ("useragent", "user_agent")}.get(field.name, (field.name,))
    return {key: event[key] for key in keys if event.get(key) is not None}


VALUES = st.sampled_from([None, "ada", "grace", True, 7, {"name": "curl"}, ["a", ","], '"}', "é"])
EVENTS = st.lists(
    st.dictionaries(st.sampled_from(["username", "mfa", "useragent", "user_agent", "changes"]), VALUES), min_size=1
)


@given(EVENTS)
def test_each_event_finds_what_it_said_of_each_field_in_its_document(events: list[dict[str, Any]]) -> None:
    values = condensed(rows(events), FIELDS)
    documents = [json.loads(document) for document in values.documents.to_pylist()]
    for field in FIELDS[:3]:
        for number, event in enumerate(events):
            said = seen(event, field)
            place = values.places[field.name][number].as_py() if field.name in values.places else None
            assert (place is None) == (not said)
            if place is not None and field.name in values.read:
                assert {field.name: values.read[field.name][place].as_py()} == said
            elif place is not None:
                assert seen(documents[place], field) == said


@given(EVENTS)
def test_there_are_no_more_documents_than_the_most_varied_field_has_values(events: list[dict[str, Any]]) -> None:
    values = condensed(rows(events), FIELDS)
    varieties = [
        len({json.dumps(seen(event, field), sort_keys=True) for event in events if seen(event, field)})
        for field in values.fields
    ]
    assert len(values.documents) == max(varieties, default=0)


def test_texts_that_can_be_read_as_they_stand_are_in_no_document() -> None:
    plain = [{"username": "ada"}, {"username": "é"}, {"username": 'a"da'}]
    values = condensed(rows(plain), FIELDS)
    assert (len(values.documents), values.read["username"].to_pylist()) == (0, ["ada", "é", 'a"da'])
    assert condensed(rows([*plain, {"username": 7}]), FIELDS).fields == FIELDS[:1]


def test_blank_text_that_means_null_is_left_to_the_documents() -> None:
    provider = text("provider", "A provider.", blank_is_null=True)
    assert condensed(rows([{"provider": ""}]), [provider]).fields == (provider,)


def test_json_fields_are_in_no_document() -> None:
    values = condensed(rows([{"changes": [1]}, {"changes": [2]}]), FIELDS)
    assert (len(values.documents), values.places) == (0, {})


def test_findings_fall_to_the_events_whose_value_has_them() -> None:
    paths = [["username", "useragent.name"], ["useragent.colour", "useragent.name"], []]
    places = {
        "username": pa.array([0, 1, None, 0], pa.int32()),
        "useragent": pa.array([2, 1, 0, 0], pa.int32()),
    }
    assert spread.lists(paths, places, 4, LISTS).to_pylist() == [
        ["username"],
        ["useragent.colour", "useragent.name"],
        ["useragent.name"],
        ["username", "useragent.name"],
    ]
    assert spread.counts(paths, places) == Counter({"username": 2, "useragent.name": 3, "useragent.colour": 1})


def test_where_nothing_was_found_every_event_has_an_empty_list() -> None:
    assert spread.lists([[], []], {}, 3, LISTS).to_pylist() == [[], [], []]


def test_a_finding_that_no_event_has_is_not_counted() -> None:
    assert spread.counts([["username"]], {"username": pa.array([None], pa.int32())}) == Counter()
