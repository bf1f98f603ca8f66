"""Where the files of the lake are, how they are written and what a manifest says; nothing of what they mean."""

from insights_pipeline.lake.errors import DamagedManifest, LakeError, ServiceBusy
from insights_pipeline.lake.files import AtHand
from insights_pipeline.lake.lake import EventsFile, Lake, filesystem_of
from insights_pipeline.lake.layout import DayKey
from insights_pipeline.lake.manifest import Arrival, Failure, Manifest, PageFile, Slice

__all__ = [
    "Arrival",
    "AtHand",
    "DamagedManifest",
    "DayKey",
    "EventsFile",
    "Failure",
    "Lake",
    "LakeError",
    "Manifest",
    "PageFile",
    "ServiceBusy",
    "Slice",
    "filesystem_of",
]
