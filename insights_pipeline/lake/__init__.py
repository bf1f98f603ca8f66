"""Where the files of the lake are, how they are written and what a manifest says; nothing of what they mean."""

from insights_pipeline.lake.layout import DayKey
from insights_pipeline.lake.manifest import Arrival, Failure, Manifest, PageFile, Slice
from insights_pipeline.lake.store import EventsFile, Lake, LakeError

__all__ = ["Arrival", "DayKey", "EventsFile", "Failure", "Lake", "LakeError", "Manifest", "PageFile", "Slice"]
