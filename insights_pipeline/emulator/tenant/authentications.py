"""Shapes of sign-ins: portals, SSO, RADIUS, LDAP, computers. Each function makes the members of its own of an event."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from insights_pipeline.emulator.tenant.company import Admin
from insights_pipeline.emulator.tenant.instants import NANOSECONDS, local_time, nanoseconds
from insights_pipeline.emulator.tenant.scene import (
    JsonObject,
    Scene,
    admin_origin,
    by_user,
    geoip,
    system_of,
    user_origin,
    user_resource,
)


def user_login_attempt(scene: Scene) -> JsonObject:
    """A person at the user portal. Failures are mostly mistyped passwords."""
    success = scene.chance(0.93)
    factor = _second_factor(scene) if success else None
    event = user_origin(scene) | {
        "provider": None,
        "success": success,
        "mfa": factor is not None,
        "auth_method": "session",
        "auth_context": _auth_context(scene, success, factor),
        "mfa_meta": {"type": factor or "none"},
    }
    return event if success else event | {"error_message": "invalid username or password"}


def admin_login_attempt(scene: Scene) -> JsonObject:
    """An administrator at the admin portal; the members are those of the events of 2023."""
    success = scene.chance(0.95)
    return admin_sign_in(scene.admin(), success=success)


def admin_sign_in(admin: Admin, *, success: bool) -> JsonObject:
    return admin_origin(admin) | {"mfa": success, "provider": None, "success": success}


def account_lockout(scene: Scene) -> JsonObject:
    """Too many failures: there is no `success` here, the type says all."""
    return {
        "initiated_by": {"type": "system", "source": "system"},
        "resource": user_resource(scene.person),
        "username": scene.person.username,
        "provider": None,
        "client_ip": scene.address(),
    }


def sso_auth(scene: Scene) -> JsonObject:
    """A sign-in to an application. Has `sso_token_success` in place of `success`; device and address may be missing."""
    success = scene.chance(0.94)
    known = success or scene.chance(0.6)
    application = scene.application()
    factor = _second_factor(scene) if success and scene.chance(0.5) else None
    event = user_origin(scene) | {
        "sso_token_success": success,
        "error_message": "" if success else ("not authorized" if known else "application unreachable"),
        "mfa": factor is not None,
        "auth_context": _auth_context(scene, success, factor),
        "application": {
            "id": application.id if known else "",
            "name": application.name if known else "",
            "display_label": application.label if known else "",
            "sso_type": "saml",
            "sso_url": application.sso_url,
        },
        "provider": "",
        "idp_initiated": scene.chance(0.4),
    }
    if scene.chance(0.3):
        # The way of 2026: the timestamp to the second (see `timestamp_of_sso`), the precise time beside it.
        event |= {"server_timestamp": nanoseconds(scene.instant), "timestamp_source": "server"}
    if scene.chance(0.03):
        del event["client_ip"], event["geoip"]
    return event


def _second_factor(scene: Scene) -> str | None:
    return scene.rng.choice(("totp", "webauthn", "jumpcloud_protect")) if scene.person.uses_mfa else None


def _auth_context(scene: Scene, success: bool, factor: str | None) -> JsonObject:
    device = scene.person.device
    methods: JsonObject = {}
    if scene.chance(0.5):
        methods["password"] = {"success": success}
        if factor is not None:
            methods[factor] = {"success": True}
    context: JsonObject = {"auth_methods": methods}
    if scene.chance(0.8):
        context["system"] = {
            "id": device.id,
            "hostname": device.hostname,
            "displayName": device.hostname,
            "os": device.os,
            "version": device.os_version,
        }
    if success and scene.chance(0.6):
        metadata = {"action": "ALLOW", "resource_type": "APPLICATION"}
        context["policies_applied"] = [{"id": "", "name": "Global Policy", "metadata": metadata}]
    return context


def radius_auth_attempt(scene: Scene) -> JsonObject:
    """Wi-Fi and VPN. The initiator has no id; the case of `auth_type` is as mixed as on the wire."""
    success = scene.chance(0.9)
    username = scene.person.username
    reason = "mschap: MS-CHAP2-Response is incorrect"
    outer: JsonObject = {"eap_type": "PEAP", "username": username}
    if not success:
        outer["error_message"] = f"eap: Failed continuing EAP PEAP (25) session. EAP sub-module failed: {reason}"
    elif scene.chance(0.3):
        outer["error_message"] = None
    event = {
        "initiated_by": {"type": "user", "username": username},
        "auth_type": scene.rng.choice(("eap", "eap", "EAP", "pap")),
        "eap_type": "MSCHAPv2",
        "nas_mfa_state": scene.rng.choice(("DISABLED", "DISABLED", "")),
        "outer": outer,
        "auth_meta": {
            "user_password_enabled": True,
            "device_cert_enabled": False,
            "user_cert_enabled": False,
            "auth_idp": "JUMPCLOUD",
            "userid_type": "USERNAME",
        },
        "mfa": False,
        "mfa_meta": {"type": scene.rng.choice(("none", ""))},
        "success": success,
        "username": username,
        "client_ip": scene.person.office_address,
        "geoip": geoip(scene.person.office.place),
    }
    return event if success else event | {"error_message": reason}


def ldap_bind(scene: Scene) -> JsonObject:
    """A bind by a service that asks the directory for people; failures carry LDAP's error code 49."""
    success = scene.chance(0.96)
    return _ldap_operation(scene, "bind") | {
        "auth_method": scene.rng.choice(("simple", "simple", "simple", "sasl")),
        "mech": "",
        "start_tls": False,
        "success": success,
        "error_code": 0 if success else 49,
        "error_message": None if success else "Invalid Credentials",
        "auth_meta": {"auth_methods": {"password": {"success": success}}},
    }


def ldap_search(scene: Scene) -> JsonObject:
    """A search; `attr` is one text, not a list."""
    return _ldap_operation(scene, "search") | {
        "base": f"ou=Users,o={scene.company.organization},dc=jumpcloud,dc=com",
        "scope": 2,
        "deref": 0,
        "filter": f"(uid={scene.person.username})",
        "attr": "uid mail memberOf cn",
        "number_of_results": scene.rng.choice((0, 1, 1, 1)),
        "success": True,
        "error_code": 0,
    }


def _ldap_operation(scene: Scene, operation: str) -> JsonObject:
    username = scene.person.username
    return {
        "initiated_by": {"type": "user", "username": username},
        "connection_id": base64.b64encode(scene.rng.randbytes(9)).decode("ascii"),
        "operation_number": scene.rng.randrange(1, 6),
        "operation_type": operation,
        "dn": f"uid={username},ou=Users,o={scene.company.organization},dc=jumpcloud,dc=com",
        "tls_established": True,
        "username": username,
    }


def device_login_attempt(scene: Scene) -> JsonObject:
    """A sign-in at a computer, told by its agent, with the computer's own clock beside the service's."""
    success = scene.chance(0.94)
    person = scene.person
    windows = person.device.os == "Windows"
    process = "winlogon" if windows else scene.rng.choice(("loginwindow", "sshd", "sudo"))
    offset = scene.zone().utcoffset(datetime.fromtimestamp(scene.instant // NANOSECONDS, UTC))
    assert offset is not None  # a ZoneInfo always knows its offset for an aware instant
    event: JsonObject = {
        "system": system_of(person),
        "username": person.username,
        "initiated_by": by_user(person),
        "process_name": process,
        "src_ip": "" if process != "sshd" else person.office_address,
        "client_ip": scene.address(),
        "message": f"User {person.username} {'logged in' if success else 'failed to log in'}, process name: {process}",
        "system_timestamp": local_time(scene.instant, offset),
        "success": success,
    }
    if windows:
        elevated = scene.chance(0.2)
        event["windows_meta"] = {"elevated": elevated, "logon_type": scene.rng.choice(("2", "5", "7", "11"))}
    return event
