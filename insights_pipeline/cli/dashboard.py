"""`insights dashboard`: serves the page to explore the published database with, on loopback."""

from __future__ import annotations

import importlib.util
import socket
from typing import Annotated

import typer
from rich.console import Console

from insights_pipeline.cli.errors import UsageMistake
from insights_pipeline.settings import Settings
from insights_pipeline.warehouse import published_file


def run_dashboard(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8501,
) -> None:
    """Serve a page to explore the published database with, until interrupted. Reads only, and asks nobody outside.

    What is published while the page is open shows by itself.
    """
    home = Settings.load().home
    if importlib.util.find_spec("streamlit") is None:
        raise UsageMistake(
            "The dashboard needs Streamlit, which isn't installed: run `make setup`, "
            "or install this package with its extra `dashboard`."
        )
    if not published_file(home).exists():
        raise UsageMistake(f"There is no published database at {published_file(home)} yet: run `insights run` first.")
    _check_free(port)
    Console(soft_wrap=True, highlight=False).print(f"The dashboard is on http://127.0.0.1:{port} - Ctrl-C ends it.")
    # Streamlit takes a second to import, which no other command needs to wait for.
    from insights_pipeline.reports.dashboard.serve import serve

    serve(home, port)


def _check_free(port: int) -> None:
    """Streamlit would say so too, and exit with 1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise UsageMistake(f"Port {port} can't be served ({error.strerror}): choose another with --port.") from None
