"""Invented events in the shapes that public documents and samples show."""

from __future__ import annotations

from datetime import date
from typing import Any

from insights_pipeline.lake import DayKey

Event = dict[str, Any]

ADMIN_SIGN_IN: Event = {
    "id": "69a5a1000000000000000001",
    "timestamp": "2026-03-02T08:00:00.500Z",
    "service": "directory",
    "event_type": "admin_login_attempt",
    "initiated_by": {"id": "5f00000000000000000000a1", "type": "admin", "email": "ann@example.org"},
    "client_ip": "192.0.2.10",
    "geoip": {"country_code": "CH", "region_name": "Zurich"},
    "success": True,
    "mfa": True,
}
GROUP_CREATED: Event = {
    "id": "69a5a1000000000000000002",
    "timestamp": "2026-03-02T09:00:00.001Z",
    "service": "directory",
    "event_type": "group_create",
    "initiated_by": {"id": "5f00000000000000000000a1", "type": "admin", "email": "ann@example.org"},
    "resource": {"id": "5f0000000000000000000c01", "type": "user_group", "name": "Sales"},
    "changes": [{"field": "name", "to": "Sales"}],
    "auth_method": "session",
    "success": True,
}
SSO_SIGN_IN: Event = {
    "id": "69a5a1000000000000000003",
    "timestamp": "2026-03-02T10:00:00Z",
    "service": "sso",
    "event_type": "sso_auth",
    "initiated_by": {"id": "5f00000000000000000000b1", "type": "user", "username": "bob"},
    "application": {"id": "5f0000000000000000000d01", "name": "google", "display_label": "Google Workspace"},
    "sso_token_success": True,
    "mfa": False,
    "auth_context": {"auth_methods": {}},
}


def _day(org: str, service: str) -> DayKey:
    return DayKey(org, service, date(2026, 4, 1))


TENANT: dict[DayKey, list[Event]] = {}
