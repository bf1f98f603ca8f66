"""What assets are given to work with. Plain objects, not Dagster configuration: that would show secrets in the page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from insights_pipeline.collector import Outcome, Unasked
from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.lake import Lake
from insights_pipeline.settings import Settings


@dataclass(frozen=True)
class Pipeline:
    """The settings of a run, its lake, its clock, and whom it tells of its progress."""

    settings: Settings
    services: tuple[str, ...]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_start: Callable[[int], None] = lambda days: None
    """Told how many days will be collected."""
    on_collected: Callable[[Outcome], None] = lambda outcome: None
    on_unasked: Callable[[Unasked], None] = lambda unasked: None
    """Told of each day on which JumpCloud has events of services that nobody asked for."""
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lake", Lake(self.settings.lake_root))


def pipeline_of(settings: Settings) -> Pipeline:
    """The pipeline as the settings describe it, telling nobody of its progress but Dagster's log."""
    return Pipeline(settings, settings.services or KNOWN_SERVICES)
