"""Plans slices, lands pages, proves completeness and mends what falls short. Knows the API and the lake, not the events."""

from insights_pipeline.collector.access import check_access, client_for, connect
from insights_pipeline.collector.collect import Collector, Outcome
from insights_pipeline.collector.coverage import Coverage, coverage, coverage_of
from insights_pipeline.collector.due import days_between, default_days, is_due, keys, recounted_since
from insights_pipeline.collector.quarantine import quarantine

__all__ = [
    "Collector",
    "Coverage",
    "Outcome",
    "check_access",
    "client_for",
    "connect",
    "coverage",
    "coverage_of",
    "days_between",
    "default_days",
    "is_due",
    "keys",
    "quarantine",
    "recounted_since",
]
