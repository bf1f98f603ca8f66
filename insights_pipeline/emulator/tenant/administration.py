"""Shapes of changes in the directory: one pattern for `<object>_<verb>` types, a few with shapes of their own."""

from __future__ import annotations

from typing import Any

from insights_pipeline.emulator.tenant.scene import (
    JsonObject,
    Scene,
    admin_origin,
    by_user,
    program,
    system_of,
    user_origin,
    user_resource,
)

_CREATED = ("create", "created", "add", "discover", "import")
_DELETED = ("delete", "deleted", "remove")

# What an update of each kind of object touches: (field, from, to). Types differ within one list, as they do in life.
_UPDATES: dict[str, tuple[tuple[str, Any, Any], ...]] = {
    "user": (
        ("company", "Example Ltd", "Example GmbH"),
        ("suspended", False, True),
        ("state", "ACTIVATED", "SUSPENDED"),
        ("password_never_expires", True, False),
        ("location", None, "Berlin"),
        ("attributes", [{"name": "Division", "value": "Marketing"}], [{"name": "Division", "value": "Sales"}]),
        ("unix_uid", 5012, 5013),
    ),
    "group": (("name", "Contractors", "External Staff"), ("attributes.sudo", None, {"enabled": True})),
    "application": (("active", False, True), ("config.acsUrl.value", "", "https://app.example.com/saml/acs")),
    "policy": (
        ("values", [{"name": "lock", "value": 900}], [{"name": "lock", "value": 300}]),
        ("name", "Lock", "Lock 5"),
    ),
    "authnpolicy": (("disabled", True, False), ("effect.action", "allow", "allow_if_mfa")),
    "radiusserver": (("mfa", "DISABLED", "ENABLED"), ("networkSourceIp", "192.0.2.40", "192.0.2.41")),
    "command": (("timeout", "120", "600"), ("sudo", True, False)),
    "iplist": (("ips", ["192.0.2.0/24"], ["192.0.2.0/24", "198.51.100.0/24"]),),
    "organization": (("settings.contactEmail", "it@example.com", "security@example.com"),),
}
_ANY_UPDATE: tuple[tuple[str, Any, Any], ...] = (
    ("name", "Old name", "New name"),
    ("description", "", "Changed"),
    ("enabled", False, True),
    ("interval", 3600, 900),
)


def split_type(event_type: str) -> tuple[str, str]:
    """An event type's object and verb: `("iplist", "update")`."""
    name, _, verb = event_type.rpartition("_")
    return name, verb


def changes_for(scene: Scene, name: str, verb: str) -> list[JsonObject]:
    """The `changes` list: creates have no `from`, updates a few fields of mixed types, deletes none."""
    templates = _UPDATES.get(name, _ANY_UPDATE)
    chosen = scene.rng.sample(templates, scene.rng.randint(1, min(3, len(templates))))
    if verb in _CREATED:
        return [{"field": field, "to": after} for field, _, after in chosen]
    if verb in _DELETED:
        return []
    return [{"field": field, "from": before, "to": after} for field, before, after in chosen]


def object_change(scene: Scene) -> JsonObject:
    """An administrator creates, updates or deletes something; sometimes through the API."""
    name, verb = split_type(scene.event_type)
    admin = scene.admin()
    event = admin_origin(admin) | {
        "resource": {"id": scene.object_id(), "type": name, "name": f"{name} {scene.rng.randrange(1, 40)}"},
        "provider": None,
        "auth_method": "session",
        "mfa": True,
    }
    if scene.chance(0.8):
        # Older change events come without an outcome.
        event["success"] = True
    if verb not in _DELETED:
        event["changes"] = changes_for(scene, name, verb)
    if scene.chance(0.25):
        event |= {"auth_method": "api key", "useragent": program("curl", "8.5.0"), "mfa": False}
    return event


def user_change(scene: Scene) -> JsonObject:
    """A change of a person's account, by an administrator or by provisioning (SCIM)."""
    _, verb = split_type(scene.event_type)
    event = object_change(scene) | {"resource": user_resource(scene.other_person())}
    if verb not in _DELETED:
        event["changes"] = changes_for(scene, "user", verb)
    if scene.chance(0.35):
        del event["provider"]
        event["initiated_by"] = event["initiated_by"] | {"source": "scim"}
        event |= {
            "auth_method": "api key",
            "useragent": program("curl", "7.68.0"),
            "correlation": {},
            "message_chain": {},
        }
    return event


def association_change(scene: Scene) -> JsonObject:
    """Something is bound to something else: a person to a group, a group to an application, a computer to a person."""
    person, group, application = scene.other_person(), scene.group(), scene.application()
    ends = {
        "user": {"type": "user", "name": person.username, "object_id": person.id},
        "group": {"type": "user_group", "name": group.name, "object_id": group.id},
        "application": {"type": "application", "name": application.name, "object_id": application.id},
        "system": {"type": "system", "name": person.device.hostname, "object_id": person.device.id},
    }
    source, target = scene.rng.choice((("user", "group"), ("group", "application"), ("system", "user")))
    sudo = {"sudo": {"enabled": True, "withoutPassword": False}} if source == "system" and scene.chance(0.3) else None
    return admin_origin(scene.admin()) | {
        "association": {
            "op": scene.rng.choice(("add", "add", "remove")),
            "action_source": "manual",
            "connection": {"from": ends[source], "to": ends[target]},
            "attributes": sudo,
        },
        "auth_method": "session",
        "provider": None,
        "success": True,
    }


def own_password_change(scene: Scene) -> JsonObject:
    """A person changes their password: the change names the field and no values."""
    return user_origin(scene) | {
        "resource": user_resource(scene.person),
        "changes": [{"field": "password"}],
        "auth_method": "session",
        "provider": None,
        "success": True,
    }


def own_mfa_enrollment(scene: Scene) -> JsonObject:
    """A person begins, finishes or removes the enrollment of a one-time-password app."""
    return user_origin(scene) | {"resource": user_resource(scene.person), "provider": None, "success": True}


def user_notice(scene: Scene) -> JsonObject:
    """Mail that the service sends by itself."""
    person = scene.other_person()
    return {
        "initiated_by": {"type": "system", "source": "system"},
        "resource": user_resource(person) | {"recipient_email": person.email, "email_type": scene.event_type},
        "provider": None,
        "success": True,
    }


def command_run(scene: Scene) -> JsonObject:
    """An administrator runs a command on a computer."""
    person = scene.other_person()
    return admin_origin(scene.admin()) | {
        "resource": {"id": scene.object_id(), "type": "command", "name": "Collect logs"},
        "system": system_of(person),
        "auth_method": "session",
        "provider": None,
        "success": scene.chance(0.9),
    }


def system_change(scene: Scene) -> JsonObject:
    """A computer joins, changes or leaves the directory; its agent is the one who says so."""
    person = scene.person
    return {
        "initiated_by": by_user(person),
        "system": system_of(person),
        "resource": system_of(person),
        "changes": [{"field": "displayName", "from": person.device.hostname, "to": person.device.hostname.lower()}],
        "client_ip": scene.address(),
        "provider": None,
    }
