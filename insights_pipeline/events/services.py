"""The services that the API is known to have; what their events look like is said in `fields`."""

from __future__ import annotations

from typing import Final

KNOWN_SERVICES: Final = (
    "directory",
    "sso",
    "radius",
    "ldap",
    "systems",
    "mdm",
    "software",
    "password_manager",
    "object_storage",
    "alerts",
    "notifications",
    "reports",
    "access_management",
    "saas_app_management",
    "asset_management",
    "workflows",
)

# JumpCloud's specification lists `alerts`, its prose and two clients say `alert`: the second is tried when the first is refused.
FALLBACK_NAMES: Final = {"alerts": "alert"}
