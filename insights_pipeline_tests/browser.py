"""Headless Chromium for tests of pages: found, never downloaded; what a page logs and whom it asks is recorded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += [f"--disable-{what}" for what in ("background-networking", "component-update", "sync")]
INSIDE = (None, "localhost", "127.0.0.1", "::1")


@dataclass
class Watched:
    """A page, what it complained of, and whom it asked that is neither a file nor on loopback."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    outside_requests: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def asked(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in INSIDE:
            self.outside_requests.append(request.url)


def find_chromium() -> str | None:
    """The browser that CHROMIUM names, or one that is on the PATH; None where there is none."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def watched_page(profile: Path, **options: Any) -> Iterator[Watched]:
    """A page of a browser of its own, with `profile` as its user data; `options` are playwright's of a context.

    Playwright keeps an event loop in this thread meanwhile: no second one, and nothing else of asyncio.
    """
    with sync_playwright() as playwright:
        launch = playwright.chromium.launch_persistent_context
        with launch(profile, executable_path=find_chromium(), args=FLAGS, **options) as context:
            watched = Watched(context.pages[0])
            watched.page.on("console", watched.heard)
            watched.page.on("pageerror", lambda error: watched.console_errors.append(str(error)))
            context.on("request", watched.asked)
            yield watched
