"""A headless Chromium for tests of pages: found on this machine, never downloaded; every request and complaint is noted."""

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
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_FLAGS += ["--disable-background-networking", "--disable-component-update"]


@dataclass  # not frozen: playwright notes on the object what it calls
class Watched:
    """A page, what its console complained of, and what it asked of anything but this machine."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def asked(self, url: str) -> None:
        if urlsplit(url).hostname not in ("127.0.0.1", "localhost", None):  # None: data:, blob: and file:
            self.outside.append(url)


def find_chromium() -> str:
    """The program named by CHROMIUM, or the first one on the path; skips the test where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    return found or pytest.skip("no Chromium here: install it, or name one in CHROMIUM")


@contextmanager
def open_page(width: int = 1280, height: int = 900) -> Iterator[Watched]:
    """An empty page in a browser of its own, with a profile that is thrown away."""
    with TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=find_chromium(), args=_FLAGS, viewport={"width": width, "height": height}
        )
        watched = Watched(context.pages[0])
        watched.page.on("console", watched.said)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        watched.page.on("request", lambda request: watched.asked(request.url))
        watched.page.on("websocket", lambda socket: watched.asked(socket.url))
        try:
            yield watched
        finally:
            context.close()
