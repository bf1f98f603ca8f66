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

from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

INSIDE = ("", "localhost", "127.0.0.1", "::1")


@dataclass
class Watched:
    """A page, and what happened on it."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    outside_requests: list[str] = field(default_factory=list)
    """Addresses that are neither files nor on loopback."""


def find_chromium() -> str | None:
    """The browser that CHROMIUM names, or one that is on the PATH; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def watched_page(profile: Path, **options: Any) -> Iterator[Watched]:
    """A page of a browser of its own, with `profile` as its user data; `options` are playwright's of a context."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=find_chromium(), args=FLAGS, **options
        )
        try:
            watched = Watched(context.pages[0] if context.pages else context.new_page())
            watched.page.on("console", lambda line: _note(watched.console_errors, line.text, line.type == "error"))
            watched.page.on("pageerror", lambda error: watched.console_errors.append(str(error)))
            context.on("request", lambda asked: _note(watched.outside_requests, asked.url, _is_outside(asked.url)))
            yield watched
        finally:
            context.close()


def _note(notes: list[str], text: str, is_noted: bool) -> None:
    if is_noted:
        notes.append(text)


def _is_outside(url: str) -> bool:
    return (urlsplit(url).hostname or "") not in INSIDE
