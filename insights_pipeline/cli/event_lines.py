"""Makes lines of events, each event's own text, of exactly one window; pure, nothing is asked or printed here."""

from __future__ import annotations

from collections.abc import Iterator

from insights_pipeline.collector.account import moment_of
from insights_pipeline.collector.window import Window
from insights_pipeline.jumpcloud import Page

# Between values JSON may break lines, inside a text it may not: a space in their place changes no value.
_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


class EventLines:
    """The lines of all pages of a window, and how many events made none.

    An event outside the window is left out, which is how one on its very end may be answered. An event that comes again
    with the same id and the same text is left out too: pages that shift under new events repeat rows. What bears no
    readable time or no id is kept. Needs under 100 bytes of memory an event.
    """

    def __init__(self, window: Window) -> None:
        self.window = window
        self.printed = 0
        self.outside = 0
        self.repeated = 0
        # 64 bits of each text: among 10 million events the chance that any two share them is 3 in a million.
        self._fingerprints: set[int] = set()

    def of(self, page: Page) -> Iterator[bytes]:
        """The page's lines, without line ends, in its order."""
        for event, head in zip(page.events, page.heads, strict=True):
            moment = moment_of(head.timestamp)
            if moment is not None and not self.window.start <= moment < self.window.end:
                self.outside += 1
                continue
            text = bytes(event)
            if head.id is not None and not self._is_new(text):
                self.repeated += 1
                continue
            self.printed += 1
            yield text.translate(_ONE_LINE)

    def _is_new(self, text: bytes) -> bool:
        before = len(self._fingerprints)
        self._fingerprints.add(hash(text))
        return len(self._fingerprints) > before
