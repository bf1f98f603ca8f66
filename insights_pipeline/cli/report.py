"""`insights report`: writes the pages and files that people look at, from the published database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from insights_pipeline.cli.arguments import FirstDay, LastDay
from insights_pipeline.settings import Settings


def report(
    first: FirstDay = None,
    last: LastDay = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where the report's folder is made.", show_default="INSIGHTS_HOME/reports"
        ),
    ] = None,
) -> None:
    """Write the reports again: a folder named by the last day, with pages, CSV and Parquet files, and a manifest.

    Without days: the 30 that end with the last day that is over. Asks nothing of JumpCloud.
    """
    # Altair takes most of a second to import, which the other commands needn't wait for.
    from insights_pipeline.reports.write import write_reports

    written = write_reports(Settings.load().home, out, first, last)
    console = Console(soft_wrap=True, highlight=False)
    for page in written.pages:
        console.print(f"{page.title}: {page.headline}", markup=False)
    console.print(f"\n{written.index}", markup=False)
