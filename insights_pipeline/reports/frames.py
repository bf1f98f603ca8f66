"""The published tables as pandas DataFrames with proper types, for notebooks and scripts. Reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa

from insights_pipeline.reports.filters import Field, Filters, condition
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import query

Moment = date | datetime | str
"""A day, or an instant: aware or in UTC. Text is either, as ISO 8601 writes it."""

_MART: Mapping[Field, str] = {"time": "occurred_at", "day": "event_date", "org": "org", "service": "service"}
_EVENTS: Mapping[Field, str] = {"time": '"timestamp"', "day": '"date"', "org": "org", "service": "service"}
_DAYS: Mapping[Field, str] = {"day": '"date"', "org": "org", "service": "service"}
_WITHOUT_TIME: Mapping[Field, str] = {"org": "org"}

# Few values over many rows: a number each instead of a text.
_CATEGORIES = frozenset(
    {
        *("org", "service", "event_service", "event_type", "channel", "outcome", "actor_type", "country_code"),
        *("region_name", "mfa_factor", "action", "object_type", "target_type", "association_operation", "via", "area"),
        *("effect", "state", "status", "api", "api_host", "auth_method", "organization", "provider"),
    }
)


class Insights:
    """The published database of a home, by default that of the setting INSIGHTS_HOME.

    Every method opens the file, asks and closes it again, so that answers are of what was published last. `from_` and `to`
    are days or instants; a day given as `to` is included as a whole, an instant is not. Times come as aware UTC
    timestamps, days as timestamps without a zone, texts as strings, few-valued texts as categories, numbers and truth
    values as nullable types, and structs as Arrow's, whose members `.struct.field(name)` gives.

    Methods raise ValueError for times that are none, WarehouseError where there is no database or it can't answer, and
    SettingsError where a setting is wrong.
    """

    def __init__(self, home: Path | str | None = None) -> None:
        self.home = Settings.load().home if home is None else Path(home)

    def authentications(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        service: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row an attempt to sign in, oldest first."""
        return self._table("authentications", _MART, "occurred_at, event_id", from_, to, org, service, columns)

    def admin_changes(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        service: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a change made in the directory, oldest first."""
        return self._table("admin_changes", _MART, "occurred_at, event_id", from_, to, org, service, columns)

    def admin_change_fields(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        service: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a field that a change changed; `event_id` is that of the change."""
        order = "occurred_at, event_id, position_in_event, field"
        return self._table("admin_change_fields", _MART, order, from_, to, org, service, columns)

    def old_api_key_attempts(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a call with an old API key, oldest first."""
        return self._table("old_api_key_attempts", _MART, "occurred_at, event_id", from_, to, org, None, columns)

    def old_api_key_sources(self, *, org: str | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a caller that has an old API key, of all time, the one that called last first."""
        order = "last_seen desc, caller_id"
        return self._table("old_api_key_sources", _WITHOUT_TIME, order, None, None, org, None, columns)

    def coverage(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        service: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row an organization, service and day: what is held and how it compares with JumpCloud's count."""
        return self._table("coverage", _DAYS, "date, org, service", from_, to, org, service, columns)

    def events(
        self,
        *,
        from_: Moment | None = None,
        to: Moment | None = None,
        org: str | None = None,
        service: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row an event, oldest first, `event` its whole JSON; name times and columns: a year's events are many."""
        return self._table("events", _EVENTS, '"timestamp", id', from_, to, org, service, columns)

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """The answer of a statement in DuckDB's SQL; `parameters` stand for its question marks."""
        return data_frame(query(self.home, sql, parameters))

    def _table(
        self,
        table: str,
        fields: Mapping[Field, str],
        order: str,
        from_: Moment | None,
        to: Moment | None,
        org: str | None,
        service: str | None,
        columns: Sequence[str] | None,
    ) -> pd.DataFrame:
        filters = Filters(
            start=None if from_ is None else first_instant(from_),
            end=None if to is None else end_instant(to),
            orgs=() if org is None else (org,),
            services=() if service is None else (service,),
        )
        where = condition(filters, fields)
        selected = "*" if columns is None else ", ".join(_identifier(column) for column in columns)
        return self.query(f"select {selected} from {table} where {where.sql} order by {order}", where.parameters)


def data_frame(rows: pa.Table) -> pd.DataFrame:
    """The rows with the types that `Insights` promises."""
    for index, column in enumerate(rows.schema):
        if column.name in _CATEGORIES and pa.types.is_string(column.type):
            rows = rows.set_column(index, column.name, rows.column(index).dictionary_encode())
    frame: pd.DataFrame = rows.to_pandas(types_mapper=_pandas_type, date_as_object=False)
    return frame


def first_instant(moment: Moment) -> datetime:
    """The instant, or the first one of the UTC day; raises ValueError."""
    moment = _parsed(moment)
    return _aware(moment) if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def end_instant(moment: Moment) -> datetime:
    """The instant, or the first one after the UTC day; raises ValueError."""
    moment = _parsed(moment)
    return _aware(moment) if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC) + timedelta(days=1)


def _parsed(moment: Moment) -> date | datetime:
    if not isinstance(moment, str):
        return moment
    for read in (date.fromisoformat, datetime.fromisoformat):
        with suppress(ValueError):
            return read(moment)
    raise ValueError(f"{moment!r} is neither a day nor an instant: write it as 2026-11-01 or 2026-11-01T10:00.")


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _pandas_type(type_: pa.DataType) -> object | None:
    if pa.types.is_string(type_):
        return pd.StringDtype("pyarrow")
    if pa.types.is_boolean(type_):
        return pd.BooleanDtype()
    if pa.types.is_integer(type_):
        return pd.ArrowDtype(type_) if pa.types.is_unsigned_integer(type_) else pd.Int64Dtype()
    if pa.types.is_nested(type_):
        return pd.ArrowDtype(type_)
    return None
