"""The command's frame: its subcommands, and how errors end: one sentence, exit code 2. What commands do is elsewhere."""

from __future__ import annotations

import sys
import warnings
from importlib import metadata
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from insights_pipeline.cli import (
    coverage,
    dashboard,
    demo,
    drift,
    emulator,
    events,
    models,
    open_sql,
    query,
    report,
    run,
    schema,
)
from insights_pipeline.cli.doctor import command as doctor
from insights_pipeline.cli.errors import REFUSALS, in_one_sentence


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"insights {metadata.version('insights-pipeline')}")
        raise typer.Exit


app = typer.Typer(
    name="insights",
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # flows a docstring's lines together
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def insights(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Keeps JumpCloud Directory Insights events for good, and proves that none is missing."""


app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("coverage")(coverage.show_coverage)
app.command("drift")(drift.show_drift)
app.command("schema")(schema.show_schema)
app.command("events")(events.events)
app.command("query")(query.run_query)
app.command("open-sql")(open_sql.print_open_sql)
app.command("report")(report.report)
app.command("dashboard")(dashboard.run_dashboard)
app.command("models")(models.build_models)
app.command("doctor")(doctor.doctor)
app.command("emulator")(emulator.run_emulator)


def main() -> None:
    """Entry point; exit code 0 all is well, 1 it ran and something is short, 2 it was asked wrongly or may not."""
    # Libraries warn their developers (Dagster of parameters in beta); whoever runs the command can't act on it.
    warnings.simplefilter("ignore")
    try:
        sys.exit(app(args=sys.argv[1:] or ["--help"], standalone_mode=False))
    except typer.Abort:
        sys.exit(130)
    except typer.TyperException as error:
        _fail(error.format_message())
    except REFUSALS as error:
        _fail(str(error))


def _fail(message: str) -> None:
    text = Text.assemble(("Error:", "bold red"), f" {in_one_sentence(message)}")
    Console(stderr=True, highlight=False, soft_wrap=True).print(text)
    sys.exit(2)
