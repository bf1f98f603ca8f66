"""`insights demo`: the whole way on an emulated tenant, without an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import typer
from rich.console import Console

from insights_pipeline.cli.output import write_table
from insights_pipeline.cli.run import execute, is_sound, print_report
from insights_pipeline.cli.verbosity import Verbose
from insights_pipeline.collector import days_between
from insights_pipeline.emulator import DEMO_API_KEY, Tenant, serve
from insights_pipeline.orchestration.resources import pipeline_of
from insights_pipeline.settings import IsolatedSettings, Settings
from insights_pipeline.warehouse import query

DAYS = 7

HEADS = {
    "Sign-ins": """
        select channel, count(*) as attempts, count(*) filter (where outcome = 'failure') as failures,
               count(distinct actor) as people, count(distinct country_code) as countries
        from authentications group by all order by attempts desc limit 5""",
    "Changes by administrators": """
        select strftime(occurred_at, '%Y-%m-%d %H:%M') as at, actor, summary
        from admin_changes order by occurred_at desc limit 5""",
    "Callers with an old API key": """
        select admin_email, client_ip, api_path, attempts, status, strftime(last_seen, '%Y-%m-%d %H:%M') as last_seen
        from old_api_key_sources order by last_seen desc limit 5""",
}


def demo(verbose: Verbose = False) -> None:
    """The whole way on an emulated tenant: collect, normalize, model, publish, report. No account needed."""
    settings = Settings.load()
    home = settings.home / "demo"
    last = datetime.now(UTC).date() - timedelta(days=1)
    days = days_between(last - timedelta(days=DAYS - 1), last)
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"Serving an invented company on loopback, and collecting {days[0]} to {days[-1]} from it.")
    with serve(Tenant.invented(seed=7, last_day=last, days=DAYS)) as emulator:
        # Only where to write is the user's: a real key or organization has no business with the emulator.
        pipeline = pipeline_of(
            IsolatedSettings(
                JUMPCLOUD_API_URL=emulator.url,
                JUMPCLOUD_API_KEY=DEMO_API_KEY,
                INSIGHTS_HOME=home,
                # The company has no history before: days that never were would be told as soon to be lost.
                INSIGHTS_START_DATE=days[0],
                INSIGHTS_SETTLE_MINUTES=0,
                INSIGHTS_MAX_REQUESTS_PER_SECOND=1000,
            )
        )
        pipeline.lake.check_writable()
        report = execute(pipeline, pipeline.services, days, named=False)
    print_report(report)
    if not (home / "insights.duckdb").exists():
        raise typer.Exit(1)
    for title, sql in HEADS.items():
        console.print(f"\n{title}", style="bold")
        write_table(query(home, sql), console.file)
    console.print("\nNext", style="bold")
    for line in (
        f"{home / 'reports' / str(last) / 'index.html'}    # the reports, for any browser",
        f"INSIGHTS_HOME={home} .venv/bin/insights dashboard    # a page to explore it",
        "make dev    # the same in Dagster, on http://127.0.0.1:3000",
    ):
        console.print(f"  {line}", markup=False)
    raise typer.Exit(0 if is_sound(report) else 1)
