"""Keeps JumpCloud Directory Insights events for good, proves that none is missing, and reports on them.

from insights_pipeline import Insights

Insights().authentications(from_="2026-11-01", to="2026-11-07")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from insights_pipeline.reports.frames import Insights

__all__ = ["Insights"]


def __getattr__(name: str) -> Any:
    """Imports `Insights` when it is first asked for: pandas and DuckDB take a second, and most of this package needs neither."""
    if name == "Insights":
        return import_module("insights_pipeline.reports.frames").Insights
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
