"""Keeps in mind which services a region refuses, so that their days aren't missed; whether it does is `collect`'s to ask."""

from __future__ import annotations

from datetime import datetime

import msgspec

from insights_pipeline.lake import Lake
from insights_pipeline.lake.layout import RAW


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The last refusal of a service."""

    at: datetime
    """When it was asked for, UTC."""
    reason: str
    """What was said, in one sentence."""


def read_refusal(lake: Lake, org: str, service: str) -> Refusal | None:
    """None for a service that was accepted when it was last asked for, or never asked for."""
    try:
        return msgspec.json.decode(lake.read(_file(org, service)), type=Refusal)
    except FileNotFoundError:
        return None


def write_refusal(lake: Lake, org: str, service: str, refusal: Refusal) -> None:
    """Raises LakeError."""
    lake.write(_file(org, service), msgspec.json.encode(refusal))


def forget_refusal(lake: Lake, org: str, service: str) -> None:
    """For a service that is accepted."""
    lake.remove(_file(org, service))


def _file(org: str, service: str) -> str:
    return f"{RAW}/org={org}/service={service}/refused.json"
