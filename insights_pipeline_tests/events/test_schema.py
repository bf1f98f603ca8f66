from __future__ import annotations

import csv
import re
from pathlib import Path

import pyarrow as pa
import pytest

from insights_pipeline.events import FALLBACK_NAMES, KNOWN_SERVICES, arrow_schema, column_descriptions
from insights_pipeline.events.field import Field
from insights_pipeline.events.fields import LEADING, OWN, WITHOUT_COLUMN
from insights_pipeline.events.schema import service_fields

DOCUMENTED = Path(__file__).parents[2].parent / "shared" / "api" / "documented_fields.csv"

# The order is a contract: other people's programs read these files.
LEADING_COLUMNS = [
    ("id", pa.string()),
    ("timestamp", pa.timestamp("us", "UTC")),
    ("timestamp_text", pa.string()),
    ("event_service", pa.string()),
    ("event_type", pa.string()),
    ("organization", pa.string()),
    ("provider", pa.string()),
    ("client_ip", pa.string()),
    ("success", pa.bool_()),
    ("error_message", pa.string()),
    ("username", pa.string()),
    ("initiated_by", "struct"),
    ("resource", "struct"),
    ("application", "struct"),
    ("system", "struct"),
    ("useragent", "struct"),
    ("geoip", "struct"),
    ("mfa", pa.bool_()),
    ("auth_method", pa.string()),
    ("changes", pa.string()),
    ("association", pa.string()),
    ("auth_context", pa.string()),
    ("misfits", "list"),
    ("event", pa.string()),
    ("fetched_at", pa.timestamp("us", "UTC")),
]

# How the sections of JumpCloud's documentation are called as services.
SECTIONS = {
    "Alert": "alerts",
    "Directory": "directory",
    "Password Manager": "password_manager",
    "MTP/MSP Events": "directory",
    "SSO": "sso",
    "RADIUS": "radius",
    "Systems": "systems",
    "Software": "software",
    "LDAP": "ldap",
    "MDM": "mdm",
    "Notification": "notifications",
    "Object Storage": "object_storage",
    "SaaS App Management": "saas_app_management",
    "Access Management": "access_management",
    "Reports": "reports",
    "Asset Management": "asset_management",
}


@pytest.mark.parametrize("service", [*KNOWN_SERVICES, "never_heard_of"])
def test_every_service_begins_with_the_same_columns(service: str) -> None:
    leading = list(arrow_schema(service))[: len(LEADING_COLUMNS)]
    for column, (name, type_) in zip(leading, LEADING_COLUMNS, strict=True):
        assert column.name == name
        assert column.type == type_ or re.match(str(type_), str(column.type))


def test_a_service_nobody_has_heard_of_has_the_leading_columns_alone() -> None:
    assert arrow_schema("never_heard_of").names == [name for name, _ in LEADING_COLUMNS]


def test_the_catalogue_has_sixteen_services_each_with_fields() -> None:
    assert len(set(KNOWN_SERVICES)) == 16
    assert set(OWN) == set(KNOWN_SERVICES)
    assert set(FALLBACK_NAMES) <= set(KNOWN_SERVICES)


@pytest.mark.parametrize("service", KNOWN_SERVICES)
def test_column_names_are_unique_in_any_case_and_none_is_a_folder_s(service: str) -> None:
    names = [name.lower() for name in arrow_schema(service).names]
    assert len(names) == len(set(names))
    assert not set(names) & {"org", "service", "date"}


@pytest.mark.parametrize("service", KNOWN_SERVICES)
def test_every_column_and_member_is_described(service: str) -> None:
    described = column_descriptions(service)
    assert [name for name in described if "." not in name] == arrow_schema(service).names
    assert all(text.endswith(".") for text in described.values())
    assert described["geoip.latitude"] == "Degrees, north positive."


def test_every_field_that_jumpcloud_documents_is_known() -> None:
    if not DOCUMENTED.is_file():
        pytest.skip(f"there is no {DOCUMENTED}")
    with DOCUMENTED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["documented_type"] != "Type"]
    missing = []
    for row in rows:
        service = SECTIONS[row["section"].removesuffix(" Attributes")]
        known = {"id", "timestamp", *WITHOUT_COLUMN, *_keys(service_fields(service))}
        if row["field"].replace(":", ".") not in known:
            missing.append((service, row["field"]))
    assert missing == []


def _keys(fields: tuple[Field, ...]) -> set[str]:
    top = {key for field in fields for key in field.json_keys}
    elsewhere = {pointer.split("/")[1] for field in LEADING for pointer in field.elsewhere}
    members = {f"{field.json_key}.{member.json_key}" for field in fields for member in field.members}
    return top | elsewhere | members
