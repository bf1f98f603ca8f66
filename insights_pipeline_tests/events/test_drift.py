from __future__ import annotations

from datetime import date
from pathlib import Path

from insights_pipeline.events import normalize_day
from insights_pipeline.events.drift import Drift, DriftKind, drift_of
from insights_pipeline.lake import Lake
from insights_pipeline_tests.events.raw_days import Event, key_of, land

KNOWN = frozenset({("directory", "user_create")})


def typed_day(lake: Lake, day: int, *events: Event, service: str = "directory") -> None:
    key = key_of(service, date(2023, 6, day))
    land(
        lake, key, [{"id": str(n), "timestamp": f"2023-06-{day}T12:00:00Z", **event} for n, event in enumerate(events)]
    )


def test_what_nobody_declared_is_told_with_its_days_and_never_with_a_value(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    typed_day(
        lake, 15, {"event_type": "user_create", "brand_new": "secret"}, {"event_type": "user_teleport", "mfa": "secret"}
    )
    typed_day(lake, 16, {"event_type": "user_create"})
    typed_day(lake, 17, {"brand_new": "secret"}, {"brand_new": 2})
    days = [normalize_day(lake, key_of("directory", date(2023, 6, day))) for day in (17, 15, 16)]

    found = drift_of(days, KNOWN)

    first, last = date(2023, 6, 15), date(2023, 6, 17)
    assert found == [
        Drift("directory", DriftKind.EVENT_TYPE, "user_teleport", first, first, 1, 1, days[1].file),
        Drift("directory", DriftKind.FIELD, "brand_new", first, last, 2, 3, days[0].file),
        Drift("directory", DriftKind.MISFIT, "mfa", first, first, 1, 1, days[1].file),
    ]
    assert "secret" not in repr(found)


def test_a_type_known_in_one_service_is_new_in_another(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    typed_day(lake, 15, {"event_type": "user_create"}, service="systems")
    (found,) = drift_of([normalize_day(lake, key_of("systems"))], KNOWN)
    assert (found.service, found.kind, found.name) == ("systems", DriftKind.EVENT_TYPE, "user_create")


def test_days_as_declared_have_no_drift(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    typed_day(lake, 15, {"event_type": "user_create", "@version": "1", "success": True})
    assert drift_of([normalize_day(lake, key_of())], KNOWN) == []
