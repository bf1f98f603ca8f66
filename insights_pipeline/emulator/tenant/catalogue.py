"""Which events the invented tenant has, how often, and in which shape: one table of services and event types.

Weights are shares within a service, services' shares are of the whole day; both were set so that a tenant of 240
people looks like one. Event types are those of JumpCloud's specification, and `radius_auth_attempt`, which stands in
real events where the specification says `radius_auth`. No event type of `workflows` is public.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from insights_pipeline.emulator.tenant import (
    administration,
    authentications,
    devices,
    governance,
)
from insights_pipeline.emulator.tenant.instants import (
    NANOSECONDS,
    milliseconds,
    nanoseconds,
    trimmed_nanoseconds,
    whole_seconds,
)
from insights_pipeline.emulator.tenant.scene import JsonObject, Scene

Build = Callable[[Scene], JsonObject]
IdForm = Callable[[random.Random, int], str]
TimestampForm = Callable[[JsonObject, int], str]
Hours = Literal["office", "always"]


@dataclass(frozen=True)
class EventKind:
    """An event type with its share within the service and what makes its members."""

    event_type: str
    weight: float
    build: Build


@dataclass(frozen=True)
class ServiceProfile:
    """A service of the tenant: share of a day's events, forms of id and timestamp, and when it happens."""

    share: float
    id_form: IdForm
    timestamp_form: TimestampForm
    hours: Hours
    kinds: tuple[EventKind, ...]


def minted_object_id(rng: random.Random, instant: int) -> str:
    """A MongoDB id: its first four bytes are the event's second."""
    return f"{instant // NANOSECONDS:08x}{rng.getrandbits(64):016x}"


def named_uuid(rng: random.Random, instant: int) -> str:
    """RADIUS: an upper-case UUID of version 3, which is made from a name."""
    return str(uuid.uuid3(uuid.NAMESPACE_URL, f"{instant}:{rng.getrandbits(64)}")).upper()


def random_uuid(rng: random.Random, instant: int) -> str:
    """A lower-case UUID, as the documents show for the newer services."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def timestamp_of_sso(event: JsonObject, instant: int) -> str:
    """To the second where the precise time stands beside it, else up to nine digits."""
    return whole_seconds(instant) if "server_timestamp" in event else trimmed_nanoseconds(instant)


def _always(form: Callable[[int], str]) -> TimestampForm:
    return lambda event, instant: form(instant)


def _each(build: Build, weight: float, event_types: Iterable[str]) -> tuple[EventKind, ...]:
    """Several event types of one shape, each with this weight."""
    return tuple(EventKind(event_type, weight, build) for event_type in event_types)


def _verbs(build: Build, weight: float, objects: str, verbs: str = "create update delete") -> tuple[EventKind, ...]:
    return _each(build, weight, (f"{name}_{verb}" for name in objects.split() for verb in verbs.split()))


_DIRECTORY = (
    EventKind("user_login_attempt", 45, authentications.user_login_attempt),
    EventKind("admin_login_attempt", 6, authentications.admin_login_attempt),
    EventKind("user_lockout", 0.4, authentications.account_lockout),
    EventKind("association_change", 14, administration.association_change),
    EventKind("user_update", 9, administration.user_change),
    *_each(administration.user_change, 0.7, ("user_create", "user_delete", "user_suspended", "user_activated")),
    *_each(administration.user_change, 0.4, ("user_unlocked", "user_unsuspended", "user_create_provision")),
    *_each(administration.own_password_change, 1.2, ("user_password_change", "user_password_set")),
    *_each(administration.own_mfa_enrollment, 0.6, ("totp_start_enrollment", "totp_finish_enrollment")),
    *_each(administration.user_notice, 0.8, ("user_activation_email", "user_password_warning_email")),
    EventKind("user_password_expired", 0.4, administration.user_notice),
    EventKind("command_run", 2.5, administration.command_run),
    *_each(administration.system_change, 0.8, ("system_create", "system_update", "system_delete")),
    *_verbs(administration.object_change, 0.25, "group application policy command authnpolicy radiusserver iplist"),
    *_verbs(administration.object_change, 0.06, "gsuite_directory o365_directory idsource file workday"),
    *_verbs(administration.object_change, 0.06, "activedirectory", "create delete"),
    *_verbs(administration.object_change, 0.1, "admin organization", "update"),
    *_each(administration.object_change, 0.05, ("integration_activate", "integration_domain_add", "authpolicy_update")),
)
_ITEM_VERBS = "autofill copy reveal add update remove move"

SERVICES: dict[str, ServiceProfile] = {
    "directory": ServiceProfile(0.22, minted_object_id, _always(milliseconds), "office", _DIRECTORY),
    "sso": ServiceProfile(
        0.24, minted_object_id, timestamp_of_sso, "office", (EventKind("sso_auth", 1, authentications.sso_auth),)
    ),
    "radius": ServiceProfile(
        0.15,
        named_uuid,
        _always(whole_seconds),
        "office",
        (EventKind("radius_auth_attempt", 1, authentications.radius_auth_attempt),),
    ),
    "ldap": ServiceProfile(
        0.10,
        minted_object_id,
        _always(milliseconds),
        "always",
        (
            EventKind("ldap_bind", 3, authentications.ldap_bind),
            EventKind("ldap_search", 2, authentications.ldap_search),
        ),
    ),
    "systems": ServiceProfile(
        0.12,
        minted_object_id,
        _always(milliseconds),
        "office",
        (
            EventKind("login_attempt", 80, authentications.device_login_attempt),
            EventKind("user_lockout", 1, authentications.account_lockout),
            EventKind("user_password_change", 2, devices.device_password_change),
            *_each(devices.disk_key_event, 1.5, ("system_fde_key_update", "system_fde_key_decrypt")),
            *_each(devices.system_upgrade, 1, ("os_major_upgrade", "os_minor_upgrade", "os_minor_rollback")),
            *_each(devices.remote_session, 1, ("remote_session_start", "remote_session_join", "remote_session_end")),
            EventKind("device_command", 2, administration.command_run),
        ),
    ),
    "mdm": ServiceProfile(
        0.04,
        minted_object_id,
        _always(nanoseconds),
        "always",
        (
            EventKind("mdm_command_result", 30, devices.mdm_command_result),
            EventKind("device_enrollment", 1, devices.device_enrollment),
        ),
    ),
    "software": ServiceProfile(
        0.05,
        minted_object_id,
        _always(milliseconds),
        "always",
        (
            *_each(devices.software_change, 5, ("software_add", "software_remove")),
            EventKind("software_change", 12, devices.software_change),
            *_each(devices.software_request, 0.5, ("software_add_request", "software_remove_request")),
        ),
    ),
    "password_manager": ServiceProfile(
        0.035,
        random_uuid,
        _always(milliseconds),
        "office",
        (
            *_verbs(governance.password_manager_item, 4, "passwordmanager_item", _ITEM_VERBS),
            *_each(
                governance.password_manager_item,
                1,
                ("passwordmanager_app_unlock", "passwordmanager_extension_unlock", "passwordmanager_user_device_pair"),
            ),
            *_each(
                governance.password_manager_change,
                0.5,
                (
                    "passwordmanager_folder_create",
                    "passwordmanager_folder_member_add",
                    "passwordmanager_user_enable",
                    "passwordmanager_user_re-enable",
                ),
            ),
        ),
    ),
    "object_storage": ServiceProfile(
        0.004,
        minted_object_id,
        _always(whole_seconds),
        "always",
        _each(
            devices.object_storage_item,
            1,
            ("object_storage_create", "object_storage_delete", "object_storage_get_download_url_request"),
        ),
    ),
    "alerts": ServiceProfile(
        0.010,
        random_uuid,
        _always(milliseconds),
        "always",
        (
            EventKind("alert_created", 6, governance.alert),
            *_each(governance.alert, 2, ("alert_status_updated", "alert_updated")),
            *_each(governance.alert_rule, 0.3, ("rule_created", "rule_modified", "rule_deleted")),
        ),
    ),
    "notifications": ServiceProfile(
        0.002,
        minted_object_id,
        _always(milliseconds),
        "office",
        _each(
            governance.notification_channel,
            1,
            ("notification_channel_created", "notification_channel_updated", "notification_channel_deleted"),
        ),
    ),
    "reports": ServiceProfile(
        0.004,
        random_uuid,
        _always(milliseconds),
        "office",
        _each(governance.report, 1, ("report_create", "report_run", "report_export", "report_update")),
    ),
    "access_management": ServiceProfile(
        0.006,
        random_uuid,
        _always(milliseconds),
        "office",
        _each(
            governance.access_request,
            1,
            (
                "access_management_access_request",
                "access_management_access_request_approval",
                "access_management_association_change",
            ),
        ),
    ),
    "saas_app_management": ServiceProfile(
        0.012,
        random_uuid,
        _always(milliseconds),
        "office",
        (
            EventKind("saas_management_login_event", 8, governance.saas_login),
            *_each(
                governance.saas_change,
                1,
                (
                    "saas_management_application_discover",
                    "saas_management_application_update",
                    "saas_management_event_application_review",
                ),
            ),
        ),
    ),
    "asset_management": ServiceProfile(
        0.004,
        random_uuid,
        _always(milliseconds),
        "office",
        _each(
            governance.asset_change,
            1,
            ("asset_management_asset_create", "asset_management_asset_update", "asset_management_asset_delete"),
        ),
    ),
    "workflows": ServiceProfile(
        0.003,
        random_uuid,
        _always(milliseconds),
        "always",
        _each(governance.workflow_run, 1, ("workflow_run_started", "workflow_run_completed")),
    ),
}

KNOWN_SERVICES = frozenset(SERVICES)
