"""What the emulated service really holds: the yardstick that tests hold a collector against."""

from __future__ import annotations

from datetime import datetime

import msgspec

from insights_pipeline.emulator.store import EventStore, Row, merged
from insights_pipeline.emulator.tenant.model import Tenant
from insights_pipeline.emulator.timestamps import milliseconds_of


class _Identified(msgspec.Struct):
    id: str | None = None


_decode_id = msgspec.json.Decoder(_Identified).decode


class Truth:
    """Looks past queries, faults and retention. Withheld events are not there yet; later ones are."""

    def __init__(self, tenant: Tenant, store: EventStore) -> None:
        self._tenant = tenant
        self._store = store

    def ids(self, service: str, start: datetime, end: datetime, org: str = "self") -> list[str]:
        """The ids of the events of ``[start, end)`` in serving order; an id that occurs twice stands there twice.

        `service` may be ``all``; `org` is an organization's id, ``provider-<id>``, or ``self`` for the only one.
        Events without an id are left out.
        """
        identified = (_decode_id(body).id for body in self.events(service, start, end, org))
        return [event_id for event_id in identified if event_id is not None]

    def events(self, service: str, start: datetime, end: datetime, org: str = "self") -> list[bytes]:
        """The JSON texts of the events of ``[start, end)``, byte for byte as they are served."""
        return [row.body for row in self._rows(service, start, end, org)]

    def count(self, service: str, start: datetime, end: datetime, org: str = "self") -> int:
        """How many events ``[start, end)`` holds; asks no row."""
        owner, services = self._tenant.owner(org), self._services(service)
        spans = self._store.spans([owner], services, milliseconds_of(start), milliseconds_of(end))
        return sum(len(span) for span in spans)

    def labelled(self, label: str) -> list[bytes]:
        """The JSON texts of the events that a chapter of the tenant's story made (see `tenant.story`).

        Raises KeyError where the tenant has no such chapter.
        """
        wanted = {document for document, name in self._tenant.labels.items() if name == label}
        if not wanted:
            raise KeyError(label)
        return [row.body for shelf in self._tenant.shelves.values() for row in shelf if row.document_id in wanted]

    def _rows(self, service: str, start: datetime, end: datetime, org: str) -> list[Row]:
        owner, services = self._tenant.owner(org), self._services(service)
        return list(merged(self._store.spans([owner], services, milliseconds_of(start), milliseconds_of(end))))

    def _services(self, service: str) -> list[str]:
        return sorted(self._store.services) if service == "all" else [service]
