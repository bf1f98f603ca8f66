"""Plans slices, lands pages, proves completeness and mends what falls short. Knows the API and the lake, not the events."""

from insights_pipeline.collector.access import check_access, client_for, connect
from insights_pipeline.collector.collect import Collector, Outcome
from insights_pipeline.collector.coverage import Coverage, coverage, coverage_of, expiring
from insights_pipeline.collector.due import days_between, default_days, is_due, keys, recounted_since
from insights_pipeline.collector.freshness import behind, due_day
from insights_pipeline.collector.lateness import Lateness, lateness
from insights_pipeline.collector.quarantine import quarantine
from insights_pipeline.collector.refusal import Refusal, read_refusal
from insights_pipeline.collector.unasked import Unasked, read_unasked
from insights_pipeline.collector.upkeep import remove_days_before, remove_dead_fetches

__all__ = [
    "Collector",
    "Coverage",
    "Lateness",
    "Outcome",
    "Refusal",
    "Unasked",
    "behind",
    "check_access",
    "client_for",
    "connect",
    "coverage",
    "coverage_of",
    "days_between",
    "default_days",
    "due_day",
    "expiring",
    "is_due",
    "keys",
    "lateness",
    "quarantine",
    "read_refusal",
    "read_unasked",
    "recounted_since",
    "remove_days_before",
    "remove_dead_fetches",
]
