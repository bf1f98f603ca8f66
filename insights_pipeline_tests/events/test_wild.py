"""Events as nobody would send them: whatever comes, each is typed or named, and none is lost."""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights_pipeline.events import NormalizedDay, normalize_day
from insights_pipeline.events.field import Field, FieldType
from insights_pipeline.events.schema import service_fields
from insights_pipeline.lake import Lake
from insights_pipeline_tests.events.raw_days import key_of, land

SERVICES = ("directory", "ldap", "systems", "object_storage", "never_heard_of")

NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, -1, 2**63 - 1, 2**63, -(2**63), 2**64, 10**400]),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "\x00", "\n\t\x1f", "'\"\\", "é\U0001f600", "true", "1", "x" * 5000])
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)

FITTING = {
    FieldType.TEXT: TEXTS,
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    FieldType.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.TIMESTAMP: st.just("2023-06-15T21:30:00+09:30"),
    FieldType.JSON: VALUES,
}

OBJECT = dict[str, Any]


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda chance: rare if chance == 7 else usual)


def fitting(field: Field) -> st.SearchStrategy[Any]:
    if field.type is FieldType.STRUCT:
        return st.fixed_dictionaries({}, optional={member.json_key: fitting(member) for member in field.members})
    return FITTING[field.type]


@st.composite
def events(draw: st.DrawFn, service: str) -> str:
    """The JSON of an event of the service with some members dropped, retyped, nested, renamed, doubled or invented."""
    fields = draw(st.lists(st.sampled_from(service_fields(service)), unique_by=lambda field: field.name, max_size=6))
    event: OBJECT = {field.json_key: draw(fitting(field)) for field in fields}
    event["id"] = draw(mostly(st.uuids().map(str), st.sampled_from(["a", "b", ""]) | SCALARS))
    event["timestamp"] = draw(mostly(st.just("2023-06-15T12:00:00.5Z"), SCALARS))
    holders = [event, *(value for value in event.values() if isinstance(value, dict) and value)]
    for _ in range(draw(st.integers(0, 3))):
        holder = draw(st.sampled_from(holders))
        keys = sorted(holder)
        if not keys:
            continue
        key = draw(st.sampled_from(keys))
        match draw(st.sampled_from(["drop", "retype", "list", "object", "rename", "invent"])):
            case "drop":
                del holder[key]
            case "retype":
                holder[key] = draw(VALUES)
            case "list":
                holder[key] = [holder[key]]
            case "object":
                holder[key] = {draw(st.sampled_from([key, "geoip", "x.y", "/", "~"])): holder[key]}
            case "rename":
                holder[draw(st.sampled_from([key.upper(), key + "2", "user_agent", "Geoip"]))] = holder.pop(key)
            case "invent":
                holder[draw(st.text(max_size=10))] = draw(VALUES)
    text = json.dumps(
        event, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (" , ", "\n: ")]))
    )
    if draw(st.booleans()) and event:
        twice = draw(st.sampled_from(sorted(event)))
        text = f"{text[:-1]},{json.dumps(twice)}:{json.dumps(draw(VALUES))}}}"
    return text


@st.composite
def days(draw: st.DrawFn) -> tuple[str, list[str]]:
    service = draw(st.sampled_from(SERVICES))
    return service, draw(st.lists(mostly(events(service), VALUES.map(json.dumps)), min_size=1, max_size=15))


@given(days())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_comes_is_typed_or_named_and_never_lost(day: tuple[str, list[str]]) -> None:
    service, texts = day
    with TemporaryDirectory() as folder:
        lake = Lake(Path(folder))
        land(lake, key_of(service), f"[{','.join(texts)}]")
        normalized = normalize_day(lake, key_of(service))
        rows = pq.ParquetFile(lake.location(normalized.file)).read().to_pylist()
        rejects = rejected(lake, service)
    assert normalized.corrupt_pages == ()
    assert_none_lost(texts, normalized, [row["event"] for row in rows], rejects)
    for row in rows:
        event = json.loads(row["event"], object_pairs_hook=first_of_each)
        for field in service_fields(service):
            if not any(at(event, pointer) is not None for pointer in field.elsewhere):
                assert_typed_or_named(field, event, row, set(row["misfits"]))
        assert all(path.split(".")[0] in {*event, "useragent", "geoip"} for path in row["misfits"])


def rejected(lake: Lake, service: str) -> list[str]:
    file = key_of(service).rejects_file
    if lake.size(file) is None:
        return []
    lines = pa.CompressedInputStream(pa.BufferReader(lake.read(file)), "zstd").read().splitlines()
    return [msgspec.json.decode(line)["event"] for line in lines]


def assert_none_lost(texts: Sequence[str], day: NormalizedDay, kept: Sequence[str], rejects: Sequence[str]) -> None:
    """Each body is in the file or beside it; copies that went are counted. No event here happens on another day."""
    assert {*kept, *rejects} == set(texts)
    assert day.rows == len(kept)
    assert day.rejected + day.conflicts == len(rejects)
    copies = sum((Counter(texts) - Counter(kept) - Counter(rejects)).values())
    unplaced = sum((Counter(texts) & Counter(dict.fromkeys(rejects, 10**9))).values()) - len(rejects)
    assert copies - unplaced <= day.repeated <= copies


def first_of_each(pairs: list[tuple[str, Any]]) -> OBJECT:
    """Of members with one name DuckDB reads the first."""
    return dict(reversed(pairs))


def at(event: Any, pointer: str) -> Any:
    for key in pointer.split("/")[1:]:
        event = event.get(key) if isinstance(event, dict) else None
    return event


def assert_typed_or_named(field: Field, parent: OBJECT, row: OBJECT, misfits: set[str], prefix: str = "") -> None:
    values = {prefix + key: parent[key] for key in field.json_keys if parent.get(key) is not None}
    typed = row[field.name]
    wrong = {path for path, value in values.items() if not fits(field, value)}
    if field.type in (FieldType.NUMBER, FieldType.TIMESTAMP) and any(
        isinstance(value, str) for value in values.values()
    ):
        assert (typed is None) == any(path in misfits for path in values)
    elif wrong:
        assert typed is None
        assert wrong <= misfits
    elif not values:
        assert typed is None
    elif field.type is FieldType.STRUCT:
        for member in field.members:
            assert_typed_or_named(member, values[prefix + field.json_key], typed, misfits, f"{prefix}{field.json_key}.")
    else:
        assert not misfits & set(values)
        assert_equal(field, next(iter(values.values())), typed)


def fits(field: Field, value: Any) -> bool:
    match field.type:
        case FieldType.TEXT | FieldType.TIMESTAMP:
            return isinstance(value, str)
        case FieldType.BOOLEAN:
            return isinstance(value, bool)
        case FieldType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
        case FieldType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
        case FieldType.STRUCT:
            return isinstance(value, dict)
        case FieldType.JSON:
            return True


def assert_equal(field: Field, value: Any, typed: Any) -> None:
    if field.type is FieldType.JSON:
        assert isinstance(typed, str)
        assert re.sub(r"\s", "", typed)[0] == json.dumps(value)[0]
    elif field.type is FieldType.NUMBER:
        assert math.isclose(typed, value, rel_tol=1e-15)
    elif field.blank_is_null and value == "":
        assert typed is None
    else:
        assert typed == value
