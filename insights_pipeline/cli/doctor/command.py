"""`insights doctor`: the settings, what is wrong with them and their surroundings, and with `--probe` how the API behaves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from insights_pipeline.cli.doctor.access import check_access, check_address, check_credentials, check_limit
from insights_pipeline.cli.doctor.check import Check, Verdict
from insights_pipeline.cli.doctor.machine import check_machine
from insights_pipeline.cli.doctor.old_keys import check_old_keys
from insights_pipeline.cli.doctor.shown_settings import ShownSetting, shown_settings
from insights_pipeline.cli.probe.answers import Answer, answer
from insights_pipeline.cli.probe.questions import probe
from insights_pipeline.cli.verbosity import Verbose
from insights_pipeline.orchestration.resources import pipeline_of
from insights_pipeline.settings import Settings

_STYLES: dict[Verdict, str] = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor(
    ask: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Also ask the tenant, with some 30 requests what JumpCloud does not document, and print the answers.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object, to keep.")] = False,
    verbose: Verbose = False,
) -> None:
    """Check credentials, role, region, organizations, services, clock, disk, lake, dbt and Dagster, and say what to fix.

    Changes nothing.

    Exit code 1 says that something would keep a run from working.
    """
    settings = Settings.load()
    pipeline = pipeline_of(settings)
    checks = [check_credentials(settings), check_address(settings), *check_limit(settings)]
    if all(check.verdict != "fail" for check in checks):
        checks += asyncio.run(check_access(settings, pipeline.services, pipeline.clock))
    reaches = all(check.verdict != "fail" for check in checks)
    checks += [*check_machine(settings), *check_old_keys(settings.home)]
    answers: list[Answer] = []
    if ask and reaches:
        findings = asyncio.run(probe(settings, pipeline.services, pipeline.lake, pipeline.clock()))
        answers = [answer(name, finding) for name, finding in findings.items()]
    if as_json:
        _write_json(shown_settings(settings), checks, answers)
    else:
        _write_text(shown_settings(settings), checks, answers)
        if ask and not reaches:
            print("\nThe tenant was not probed: mend what failed first.")
    raise typer.Exit(1 if any(check.verdict == "fail" for check in checks) else 0)


def _write_text(settings: Sequence[ShownSetting], checks: Sequence[Check], answers: Sequence[Answer]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for setting in settings:
        source = "" if setting.source == "default" else "set"
        table.add_row(Text(setting.variable), Text(setting.value or "-"), source)
    console.print(table)
    console.print()
    for check in checks:
        remedy = f" - {check.remedy}" if check.remedy else ""
        console.print(Text.assemble((f"{check.verdict:<4}", _STYLES[check.verdict]), f"  {check.what}{remedy}"))
    for item in answers:
        console.print(Text.assemble("\n", (item.question, "bold"), f"\n  {item.answer}"))


def _write_json(settings: Sequence[ShownSetting], checks: Sequence[Check], answers: Sequence[Answer]) -> None:
    kept = {
        "at": datetime.now(UTC).replace(microsecond=0),
        "settings": {setting.variable: {"value": setting.value, "source": setting.source} for setting in settings},
        "checks": [asdict(check) for check in checks],
        "probe": {
            item.name: {"question": item.question, "answer": item.answer, "evidence": item.evidence} for item in answers
        },
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(kept), indent=2).decode() + "\n")
