"""Which errors are the user's to mend, and how they are put into one sentence."""

from __future__ import annotations

from insights_pipeline.jumpcloud import JumpCloudError
from insights_pipeline.lake import LakeError
from insights_pipeline.reports import ReportError
from insights_pipeline.settings import SettingsError
from insights_pipeline.warehouse import WarehouseError


class UsageMistake(Exception):
    """The command was asked wrongly: one sentence that says how to ask."""


REFUSALS = (UsageMistake, SettingsError, LakeError, WarehouseError, ReportError, JumpCloudError)


def in_one_sentence(message: str) -> str:
    """Without line breaks, and with a full stop."""
    text = " ".join(message.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
