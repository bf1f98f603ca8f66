"""A headless Chromium for tests of pages: found on this machine, never downloaded, and every request and complaint noted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = [
    "--no-sandbox",  # root in a container has none to give
    *("--disable-gpu", "--disable-quic", "--no-first-run"),
    # Nothing that isn't asked for: such requests would go past the page's own.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
_INSIDE = ("127.0.0.1", "localhost", "::1", "")  # the last one is of data:, blob: and file:


@dataclass  # not frozen: playwright notes on the object what it calls
class Watched:
    """A page, what it complained of, and whom it asked that is neither a file nor on loopback."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def asked(self, url: str) -> None:
        if (urlsplit(url).hostname or "") not in _INSIDE:
            self.outside.append(url)


def find_chromium() -> str | None:
    """The program that CHROMIUM names, or the first one on the path; None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


needs_chromium = pytest.mark.skipif(
    find_chromium() is None, reason="no Chromium here: install it, or name one in CHROMIUM"
)


@contextmanager
def open_page(*, width: int = 1280, height: int = 900) -> Iterator[Watched]:
    """An empty page in a browser of its own, with a profile that is thrown away.

    Playwright keeps an event loop in this thread meanwhile: no second one, and nothing else of asyncio.
    """
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=find_chromium(),
            headless=True,
            args=_FLAGS,
            viewport={"width": width, "height": height},
        )
        watched = Watched(context.pages[0])
        watched.page.on("console", watched.heard)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        watched.page.on("websocket", lambda socket: watched.asked(socket.url))
        context.on("request", lambda request: watched.asked(request.url))
        try:
            yield watched
        finally:
            context.close()
