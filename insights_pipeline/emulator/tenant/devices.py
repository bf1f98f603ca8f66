"""Shapes of what computers report: agents, software scans, MDM answers, files of object storage."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from functools import lru_cache

from insights_pipeline.emulator.tenant.scene import JsonObject, Scene, admin_origin, by_user, system_of

_SOFTWARE = (
    ("Google Chrome", "131.0.6778.86", "131.0.6778.109", "Google LLC"),
    ("Slack", "4.41.97", "4.41.98", "Slack Technologies"),
    ("Zoom Workplace", "6.2.10", "6.2.11", "Zoom Video Communications"),
    ("Visual Studio Code", "1.95.2", "1.95.3", "Microsoft Corporation"),
    ("Python 3.12", "3.12.6", "3.12.7", "Python Software Foundation"),
    ("7-Zip", "24.07", "24.08", "Igor Pavlov"),
)
_PATHS = {"Mac OS X": "/Applications/{}.app", "Windows": "C:\\Program Files\\{}", "Ubuntu": "/opt/{}"}
_MDM_REQUESTS = ("DeviceInformation", "SecurityInfo", "InstalledApplicationList", "ProfileList", "RestartDevice")
# A real answer to ProfileList can be some 80 kB; so are a few of ours, the others have a few profiles.
_CERTIFICATE_BYTES = 900
_MANY_PROFILES = 50


def software_change(scene: Scene) -> JsonObject:
    """Software found, changed or gone at a computer's check-in: no one initiates it and nothing says success."""
    name, before, after, publisher = scene.rng.choice(_SOFTWARE)
    device = scene.person.device
    event: JsonObject = {
        "system": {"id": device.id, "type": "system"},
        "resource": {"id": device.id, "type": "system"},
        "application": {
            "name": name,
            "version": after,
            "path": _PATHS[device.os].format(name),
            "publisher": publisher,
            "uninstall_string": "",
        },
        "app_management_source": scene.rng.choice(("", "", "JumpCloud App Catalog")),
    }
    if scene.event_type == "software_change":
        event["changes"] = [{"field": "version", "from": before, "to": after}]
    return event


def software_request(scene: Scene) -> JsonObject:
    """An administrator asks for software to be put on or taken off. Known to arrive with the directory as service."""
    return admin_origin(scene.admin()) | software_change(scene) | {"service": "directory", "success": True}


def mdm_command_result(scene: Scene) -> JsonObject:
    """A device's answer to an MDM command: `status` says how it went, there is no `success`."""
    request = scene.rng.choice(_MDM_REQUESTS)
    failed = scene.chance(0.06)
    event: JsonObject = {
        "mdm_type": "apple",
        "mdm_device_id": scene.person.device.id,
        "mdm_device_manager_id": scene.company.device_manager,
        "command_uuid": str(uuid.UUID(int=scene.rng.getrandbits(128), version=4)),
        "request_type": request,
        "command": {"request_type": request},
        "status": scene.rng.choice(("Error", "CommandFormatError")) if failed else "Acknowledged",
        "error_chain": None,
    }
    if failed:
        event["error_chain"] = [
            {
                "error_code": 12021,
                "error_domain": "MCMDMErrorDomain",
                "localized_description": "The command is not known.",
                "us_english_description": "The command is not known.",
            }
        ]
    elif request == "ProfileList":
        count = _MANY_PROFILES if scene.chance(0.03) else scene.rng.randint(1, 3)
        event["profile_list"] = [_profile(scene.company.organization, number) for number in range(count)]
    if scene.chance(0.3):
        event["initiated_by"] = {"email": scene.admin().email}
    return event


@lru_cache(maxsize=1_000)
def _profile(organization: str, number: int) -> JsonObject:
    """A profile as each computer reports it that has it: one identity, signed once by the organization."""
    rng = random.Random(f"profile:{organization}:{number}")
    certificate = base64.b64encode(rng.randbytes(_CERTIFICATE_BYTES)).decode("ascii")
    return {
        "payload_identifier": f"com.example.profile.{number}",
        "payload_uuid": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "payload_verion": 1,  # misspelt so by the service
        "is_managed": True,
        "payload_content": [{"payload_type": "com.apple.wifi.managed", "payload_verion": 1}],
        "signer_certificates": [certificate],
    }


def device_enrollment(scene: Scene) -> JsonObject:
    """A device enrols: the one MDM type that has an outcome; ids under the documented names."""
    success = scene.chance(0.9)
    return {
        "mdm_type": scene.rng.choice(("apple", "windows")),
        "device_object_id": scene.person.device.id,
        "device_manager_object_id": scene.company.device_manager,
        "windows_device_uuid": scene.object_id().upper() + "0" * 8,
        "initiated_by": {"email": scene.person.email},
        "success": success,
        "result": "successful enrollment of device" if success else "enrollment failed",
    }


def disk_key_event(scene: Scene) -> JsonObject:
    """A computer's disk encryption key is stored anew, or an administrator looks at it."""
    return admin_origin(scene.admin()) | {"system": system_of(scene.person), "success": True}


def system_upgrade(scene: Scene) -> JsonObject:
    """A computer's operating system moves to another version."""
    device = scene.person.device
    return {
        "system": system_of(scene.person),
        "resource": {"id": device.id, "type": "system", "hostname": device.hostname},
        "changes": [{"field": "os_version", "from": "15.0", "to": device.os_version}],
        "success": True,
    }


def remote_session(scene: Scene) -> JsonObject:
    """An administrator helps a person at their computer."""
    return admin_origin(scene.admin()) | {
        "system": system_of(scene.person),
        "username": scene.person.username,
        "success": True,
    }


def device_password_change(scene: Scene) -> JsonObject:
    """A password changed at the computer: the field is named, no values."""
    person = scene.person
    return {
        "system": system_of(person),
        "initiated_by": by_user(person) | {"type": "systemuser"},
        "resource": {"type": "systemuser", "id": person.id, "username": person.username},
        "changes": [{"field": "password"}],
        "username": person.username,
        "success": True,
    }


def object_storage_item(scene: Scene) -> JsonObject:
    """A file of private software in object storage; `total_space_used` does not fit 32 bits."""
    name, version, _, _ = scene.rng.choice(_SOFTWARE)
    item = scene.object_id()
    return {
        "result": scene.rng.choice(("Success", "Success", "Success", "Failure")),
        "referrer_object_id": scene.object_id(),
        "referrer_type": "SOFTWARE_APP",
        "object_storage_item_object_id": item,
        "object_storage_item_version_object_id": scene.object_id(),
        "object_storage_item_version_name": f"{name.replace(' ', '')}-{version}.pkg",
        "object_storage_item_version_size": scene.rng.randrange(10**6, 10**9),
        "object_storage_item_version_sha_256_sum": hashlib.sha256(item.encode()).hexdigest(),
        "total_software_item_count": scene.rng.randrange(100, 200),
        "total_space_used": scene.rng.randrange(2 * 10**11, 3 * 10**11),
        "system_object_id": scene.person.device.id,
    }
