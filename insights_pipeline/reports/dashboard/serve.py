"""Serves the page on loopback until interrupted; the only module that starts Streamlit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.web import bootstrap

_PAGE = Path(__file__).with_name("page.py")

# Whatever the reader's own configuration of Streamlit says: these are what keeps the page here and the data inside.
_OPTIONS: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.headless": True,  # asks for no e-mail address and opens no browser
    "server.allowedHosts": ["127.0.0.1", "localhost"],
    "server.fileWatcherType": "none",
    "server.enableStaticServing": False,
    "browser.gatherUsageStats": False,
    "browser.serverAddress": "127.0.0.1",
    "client.disableDataExport": True,  # the grid's own CSV would hand out cells that a spreadsheet runs
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",  # a traceback can quote values, which are people's
    "runner.magicEnabled": False,
    "logger.level": "warning",
    "logger.hideWelcomeMessage": True,
    "global.developmentMode": False,
    # Named for both, so that the page follows the reader's system into the dark; white reads well on either.
    "theme.light.primaryColor": "#0072B2",
    "theme.dark.primaryColor": "#2A78B0",
    "theme.headingFontSizes": ["1.75rem", "1.375rem", "1.25rem"],
    "theme.metricValueFontSize": "1.5rem",
    "theme.paddingTop": "2.5rem",
}


def serve(home: Path, port: int) -> None:
    """Blocks; the port has to be free."""
    options = _OPTIONS | {"server.port": port, "browser.serverPort": port}
    bootstrap.load_config_options(options)
    bootstrap.run(str(_PAGE), False, [str(home.absolute())], options)
