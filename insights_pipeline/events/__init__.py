"""Typed events: the known services, the columns of each, and the way from raw pages to Parquet. No network, no Dagster."""

from insights_pipeline.events.drift import Drift, DriftKind, drift_of
from insights_pipeline.events.normalize import normalize_day
from insights_pipeline.events.pages import CorruptPage
from insights_pipeline.events.record import has_present_columns, normalized, normalized_services, recorded
from insights_pipeline.events.schema import arrow_schema, column_descriptions, data_dictionary
from insights_pipeline.events.services import FALLBACK_NAMES, KNOWN_SERVICES
from insights_pipeline.events.tally import NormalizedDay

__all__ = [
    "FALLBACK_NAMES",
    "KNOWN_SERVICES",
    "CorruptPage",
    "Drift",
    "DriftKind",
    "NormalizedDay",
    "arrow_schema",
    "column_descriptions",
    "data_dictionary",
    "drift_of",
    "has_present_columns",
    "normalize_day",
    "normalized",
    "normalized_services",
    "recorded",
]
