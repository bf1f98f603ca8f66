"""An event of a tenant on its way to a shelf: finished with the common members, encoded once, put in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from insights_pipeline.emulator.cursor import document_id
from insights_pipeline.emulator.store import Row
from insights_pipeline.emulator.tenant.catalogue import ServiceProfile
from insights_pipeline.emulator.tenant.scene import JsonObject, Scene
from insights_pipeline.emulator.timestamps import epoch_milliseconds

_encode = msgspec.json.Encoder().encode


class DatedEvent(NamedTuple):
    """`service` is where the event is filed, `label` the chapter of the story that it belongs to."""

    service: str
    event: dict[str, Any]
    label: str | None = None


def finish(service: str, profile: ServiceProfile, scene: Scene, members: JsonObject) -> JsonObject:
    """The whole event: the shape's own members, then those that every event has. The shape's word goes first."""
    return {
        "event_type": scene.event_type,
        "service": service,
        "organization": scene.company.organization,
        "@version": "1",
        "id": profile.id_form(scene.rng, scene.instant),
        "timestamp": profile.timestamp_form(members, scene.instant),
    } | members


def shelve(events: Iterable[DatedEvent]) -> tuple[dict[str, list[Row]], dict[str, str]]:
    """Sorted rows by service, and the labels by document id."""
    shelves: dict[str, list[Row]] = {}
    labels: dict[str, str] = {}
    for dated in events:
        body = _encode(dated.event)
        # Where the timestamp is cut to the second the service knows no better either.
        row = Row(epoch_milliseconds(dated.event["timestamp"]), document_id(body, 0), body)
        shelves.setdefault(dated.service, []).append(row)
        if dated.label is not None:
            labels[row.document_id] = dated.label
    for rows in shelves.values():
        rows.sort()
    return shelves, labels
