"""A headless Chromium for tests of pages. It is not installed by this project: where there is none, such tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")

_FLAGS = (
    "--headless",
    "--no-sandbox",  # root in a container has none to give
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Nothing that isn't asked for: such requests would go past the page's own.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_INSIDE = ("127.0.0.1", "localhost", "[::1]", "")


def chromium() -> str | None:
    """The program that CHROMIUM names, or the first that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


needs_chromium = pytest.mark.skipif(
    chromium() is None, reason=f"needs a Chromium: set CHROMIUM to one, or install one of {', '.join(NAMES)}"
)
"""Marks tests that open a page."""


@contextmanager
def open_page(*, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """An empty page of a new browser; a request to anywhere but this machine is refused, and fails the block at its end."""
    outside: list[str] = []

    def inside_only(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in _INSIDE:
            outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            Path(profile),
            executable_path=chromium(),
            args=list(_FLAGS),
            viewport={"width": width, "height": height},
        )
        try:
            context.route("**/*", inside_only)
            yield context.pages[0]
        finally:
            context.close()
    assert not outside, f"the page asked for {outside}"
