"""What happens in the portal of a managed-service provider: events of its own, which belong to no organization."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

from insights_pipeline.emulator.tenant.catalogue import SERVICES
from insights_pipeline.emulator.tenant.company import Company
from insights_pipeline.emulator.tenant.dated import DatedEvent, finish
from insights_pipeline.emulator.tenant.instants import NANOSECONDS, start_of
from insights_pipeline.emulator.tenant.scene import Scene, admin_origin

_EVENT_TYPES = ("admin_login_attempt", "admin_update", "organization_create", "provider_update", "mtp_download_invoice")
_MOST_EVENTS_A_DAY = 12


def provider_events_of_day(seed: int, provider: str, company: Company, day: date) -> Iterator[DatedEvent]:
    """A few directory events with `provider` set and no organization; `company` lends its administrators."""
    rng = random.Random(f"provider:{seed}:{provider}:{day.isoformat()}")
    for _ in range(rng.randint(3, _MOST_EVENTS_A_DAY)):
        instant = start_of(day) + int(rng.random() * 86_400 * NANOSECONDS)
        scene = Scene(company, rng, instant, rng.choice(company.people), rng.choice(_EVENT_TYPES))
        members = admin_origin(scene.admin()) | {"mfa": True, "auth_method": "session", "success": True}
        members |= {"organization": None, "provider": provider}
        members["initiated_by"] = members["initiated_by"] | {"provider": provider}
        if scene.event_type != "admin_login_attempt":
            members["resource"] = {"type": scene.event_type.partition("_")[0], "id": scene.object_id()}
        yield DatedEvent("directory", finish("directory", SERVICES["directory"], scene, members))
