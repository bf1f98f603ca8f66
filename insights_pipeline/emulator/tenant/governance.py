"""Shapes of the smaller services: passwords, alerts, notifications, reports, access, applications, assets, workflows."""

from __future__ import annotations

import uuid

from insights_pipeline.emulator.tenant.administration import changes_for, split_type
from insights_pipeline.emulator.tenant.scene import (
    JsonObject,
    Scene,
    admin_origin,
    browser,
    by_user,
    geoip,
    program,
    user_origin,
    user_resource,
)


def password_manager_item(scene: Scene) -> JsonObject:
    """A person uses the password manager; the documents say `user_agent`, real events have `useragent`: both occur."""
    event = user_origin(scene) | {"success": scene.chance(0.99), "provider": None}
    if scene.chance(0.3):
        event["user_agent"] = event.pop("useragent")
    if scene.chance(0.2):
        event["association"] = {"type": "user", "id": scene.other_person().id, "email": scene.other_person().email}
    if not event["success"]:
        event["error_message"] = "The item was changed on another device"
    return event


def password_manager_change(scene: Scene) -> JsonObject:
    """An administrator sets up the password manager; shared folders have members by e-mail."""
    member = scene.other_person()
    return admin_origin(scene.admin()) | {
        "association": {"type": "user", "id": member.id, "email": member.email},
        "changes": [{"field": "folder name", "from": "", "to": f"{member.department} passwords"}],
        "success": True,
        "provider": None,
    }


def saas_login(scene: Scene) -> JsonObject:
    """A sign-in to an application that SaaS management saw in a browser."""
    person, application = scene.person, scene.application()
    return {
        "initiated_by": by_user(person),
        "username": person.username,
        "resource": {
            "application_id": application.name,
            "application_name": application.label,
            "application_category": "Productivity",
        },
        "detail": "Login to a SaaS application.",
        "client_ip": scene.address(),
        "geoip": {"geoip": geoip(person.office.place)} if scene.chance(0.2) else geoip(person.office.place),
    }


def saas_change(scene: Scene) -> JsonObject:
    """SaaS management finds an application or an administrator decides about one."""
    application = scene.application()
    return admin_origin(scene.admin()) | {
        "resource": {
            "application_id": application.name,
            "application_name": application.label,
            "application_category": "Identity and Access",
        },
        "detail": "SaaS Management application reviewed.",
        "changes": [{"field": "status", "from": "UNAPPROVED", "to": "APPROVED"}],
    }


def alert(scene: Scene) -> JsonObject:
    """An alert is raised by a rule or worked on by an administrator."""
    raised = scene.event_type == "alert_created"
    device = scene.person.device
    event: JsonObject = {
        "category": scene.rng.choice(("System", "Directory")),
        "severity": scene.rng.choice(("Low", "Medium", "High")),
        "correlation": {"id": scene.object_id(), "type": "rule"} if scene.chance(0.7) else {},
        "resource": {
            "id": scene.object_id(),
            "context": '{"hostname":"' + device.hostname + '"}',
            "source_id": device.id,
            "source_type": "system",
            "reference_id": scene.object_id(),
        },
        "success": True,
    }
    if raised:
        return event
    status = [{"field": "Status", "from": "Open", "to": "Acknowledged"}]
    return event | admin_origin(scene.admin()) | {"changes": status, "username": scene.person.username}


def alert_rule(scene: Scene) -> JsonObject:
    """An administrator adds, changes or removes a rule that raises alerts."""
    name, verb = split_type(scene.event_type)
    return admin_origin(scene.admin()) | {
        "category": "System",
        "resource": {"id": scene.object_id(), "type": "rule", "name": "Device offline for a week"},
        "changes": changes_for(scene, name, verb),
        "success": True,
    }


def notification_channel(scene: Scene) -> JsonObject:
    """A channel for notifications; `config` is a list whose members differ."""
    admin = scene.admin()
    return {
        "initiated_by": {"id": admin.id, "type": "admin", "email": admin.email},
        "client_ip": admin.address,
        "name": "Security on call",
        "type": "email",
        "description": "Tells the people on call about failed installations",
        "channel_object_id": scene.object_id(),
        "correlation": {"id": scene.object_id()},
        "config": [{"name": "On call", "email": "oncall@example.com"}, {"role_object_id": scene.object_id()}],
        "success": True,
    }


def report(scene: Scene) -> JsonObject:
    """A report is made, run, exported: the program is under `user_agent` here."""
    admin = scene.admin()
    event = admin_origin(admin) | {
        "resource": {
            "id": scene.object_id(),
            "name": "users-to-devices",
            "description": "Who works on which computer",
            "resources": [{"type": "user"}, {"type": "system"}],
            "search_request": {"filter": {"and": ["suspended:eq:false"]}},
            "configuration": {"format": "csv"},
        },
        "auth_method": "session",
        "provider": None,
    }
    event["user_agent"] = event.pop("useragent")
    if scene.event_type == "report_update":
        event["changes"] = [{"field": "name", "from": "users-to-devices", "to": "Users to devices"}]
    return event


def access_request(scene: Scene) -> JsonObject:
    """A person asks for access, someone decides, an association follows."""
    person, application = scene.person, scene.application()
    return {
        "initiated_by": by_user(person),
        "pid": str(uuid.UUID(int=scene.rng.getrandbits(128), version=4)),
        "access_request_id": scene.object_id(),
        "workflow": {"type": "access-workflow", "id": scene.object_id(), "name": "Manager approves", "desc": ""},
        "resource": {"type": "application", "id": application.id, "name": application.label},
        "association": {"type": "user", "id": person.id, "email": person.email},
        "changes": [{"field": "status", "from": None, "to": "PENDING"}],
        "user_agent": browser(person.user_agent),
        "client_ip": scene.address(),
        "geoip": geoip(person.office.place),
        "success": True,
        "provider": None,
    }


def asset_change(scene: Scene) -> JsonObject:
    """The register of assets: an administrator edits an entry, or an import does."""
    name, verb = split_type(scene.event_type)
    person = scene.other_person()
    event = admin_origin(scene.admin()) | {
        "resource": {"id": scene.object_id(), "type": "asset", "name": person.device.hostname},
        "detail": f"Asset of {person.department} edited.",
        "username": person.username,
        "changes": changes_for(scene, name, verb),
    }
    return event | {"useragent": program()} if scene.chance(0.3) else event


def workflow_run(scene: Scene) -> JsonObject:
    """A workflow's steps. No shape of this service is public: only the common members are used."""
    return {
        "initiated_by": {"type": "system", "source": "system"},
        "resource": {"id": scene.object_id(), "type": "workflow", "name": "Offboard a person"},
        "association": {"type": "user", "id": scene.person.id, "email": scene.person.email},
        "changes": [{"field": "subject", "to": user_resource(scene.other_person())}],
        "success": scene.chance(0.97),
    }
