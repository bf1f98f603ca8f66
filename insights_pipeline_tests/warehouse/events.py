"""Invented events in the shapes that public documents and samples show."""

from __future__ import annotations

from typing import Any

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
LDAP_SIGN_IN: Event = {
    "id": "69a5a1000000000000000004",
    "timestamp": "2026-03-02T11:00:00Z",
    "service": "ldap",
    "event_type": "ldap_bind",
    "username": "bob",
    "error_code": 0,
}


ADMIN = {"id": "5f00000000000000000000a1", "type": "admin", "email": "ann@example.org"}


def _event(number: int, service: str, event_type: str | None, **members: Any) -> Event:
    named = {} if event_type is None else {"event_type": event_type}
    return {
        "id": f"69cc{number:020d}",
        "timestamp": f"2026-04-01T10:00:{number % 60:02d}Z",
        "service": service,
        **named,
        **members,
    }


SHAPES: list[Event] = [
    # Sign-ins
    _event(1, "directory", "admin_login_attempt", resource=ADMIN, success=True, mfa=True),
    _event(
        2, "radius", None, auth_type="eap", eap_type="MSCHAPv2", nas_mfa_state="DISABLED", username="zoe", success=True
    ),
    _event(
        3,
        "ldap",
        "ldap_bind",
        dn="uid=bob,ou=Users,o=5f,dc=jumpcloud,dc=com",
        error_code=49,
        auth_meta={"auth_methods": {"password": {"success": False}}},
    ),
    _event(4, "sso", "sso_auth", sso_token_success=False, success=True, initiated_by={"username": "bob"}),
    _event(
        5,
        "sso",
        "sso_auth",
        sso_token_success=False,
        error_message="",
        initiated_by={"id": "5f00000000000000000000b1", "type": "user", "username": "bob"},
        application={"id": "", "name": "", "display_label": "", "sso_url": "https://sso.jumpcloud.com/saml2/google"},
    ),
    _event(
        6,
        "directory",
        "user_login_attempt",
        success=True,
        mfa=True,
        mfa_meta={"type": "totp"},
        initiated_by={"id": "5f00000000000000000000b1", "type": "systemuser", "username": "bob"},
        auth_context={"auth_methods": {"password": {"success": True}, "duo": {"success": False}}},
    ),
    _event(
        7,
        "directory",
        "user_login_attempt",
        success=True,
        mfa=False,
        username="zoe",
        auth_context={
            "auth_methods": {"webauthn": {"success": True}, "password": {"success": True}, "totp": {"success": True}}
        },
    ),
    _event(8, "radius", "radius_auth_attempt", success=True, mfa=True, mfa_meta="duo", username="bob"),
    _event(
        9,
        "systems",
        "login_attempt",
        src_ip="192.0.2.7",
        process_name="sshd",
        username="bob",
        system={"id": "5f00000000000000000000e1", "hostname": "bob-laptop"},
    ),
    _event(
        10,
        "directory",
        "user_lockout",
        success=True,
        initiated_by={"type": "system", "source": "system"},
        resource={"id": "5f00000000000000000000b1", "type": "user", "username": "bob", "email": "bob@example.org"},
    ),
    _event(11, "password_manager", "passwordmanager_login", success=True, username="bob", user_agent="Desktop/3.1"),
    # Changes
    _event(
        20,
        "directory",
        "organization_update",
        initiated_by=ADMIN,
        auth_method="session",
        resource={"id": "5f00000000000000000000f1", "type": "organization", "name": "Example"},
        changes=[
            {
                "field": "settings",
                "from": {"passwordPolicy": {"minLength": 12, "needsNumeric": True}, "requireAdminMFA": True},
                "to": {"passwordPolicy": {"minLength": 6, "needsNumeric": True}, "requireAdminMFA": False},
            }
        ],
    ),
    _event(
        21,
        "directory",
        "user_update",
        initiated_by={**ADMIN, "source": "jumpcloud:scim"},
        auth_method="api key",
        resource={"id": "5f00000000000000000000b1", "type": "user", "username": "bob"},
        changes=[
            {"field": "password"},
            {
                "field": "attributes",
                "from": [{"name": "Division", "value": "Sales"}],
                "to": [{"name": "Division", "value": "IT"}],
            },
            {"field": "tags", "from": ["a"], "to": None},
            {"note": "no field"},
        ],
    ),
    _event(
        22,
        "directory",
        "association_change",
        initiated_by=ADMIN,
        auth_method="api-key",
        association={
            "op": "remove",
            "connection": {
                "from": {"type": "user", "name": "bob", "object_id": "5f00000000000000000000b1"},
                "to": {"type": "user_group", "name": "Sales", "object_id": "5f0000000000000000000c01"},
            },
        },
    ),
    _event(23, "directory", "quantum_key_modified", changes={"field": "size", "from": 1, "to": 2}),
    _event(24, "directory", "user_delete", initiated_by=ADMIN, success=False, error_message="still bound"),
    # Old API keys
    _event(30, "directory", "admin_old_api_key_attempt"),
    _event(
        31, "directory", "admin_old_api_key_attempt", resource="https://console.jumpcloud.com:443/api/systems?limit=1"
    ),
    _event(
        32,
        "directory",
        "admin_old_api_key_attempt",
        resource={"url": "API.eu.jumpcloud.com/api/systemusers/5f00000000000000000000b1"},
    ),
    _event(
        33, "directory", "admin_old_api_key_attempt", resource="/insights/directory/v1/events", useragent="curl/8.5.0"
    ),
    # Neither
    _event(40, "quantum_vault", "quantum_door_opened"),
]

_ANYTHING: list[Any] = [
    "text",
    5,
    True,
    [],
    {},
    [[]],
    [None],
    [{"name": None, "value": 1}],
    [{"field": {"x": 1}}],
    {'a.b"c': {"success": True}},
    [{"field": "f\"'.[0]", "from": {"k\"'[1].": 1}, "to": [{"name": "x", "value": 1}, {"name": "x", "value": 2}]}],
]
_MEMBERS = [
    "application",
    "association",
    "auth_context",
    "auth_meta",
    "auth_type",
    "changes",
    "dn",
    "error_code",
    "error_message",
    "geoip",
    "initiated_by",
    "mfa",
    "mfa_meta",
    "outer",
    "process_name",
    "resource",
    "sso_token_success",
    "success",
    "system",
    "user_agent",
    "useragent",
    "username",
]
_TYPES = ("user_update", "association_change", "admin_old_api_key_attempt", "sso_auth", "ldap_bind", None)

WILD: list[Event] = [
    _event(1000 + 100 * row + column, "directory", event_type, **dict.fromkeys(_MEMBERS, value))
    for row, event_type in enumerate(_TYPES)
    for column, value in enumerate(_ANYTHING)
]
"""Every member of every shape with values that no document has."""
