"""The Dagster instance that runs from the command line are recorded in."""

import dagster as dg

from insights_pipeline.settings import Settings


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """The one that `make dev` uses, so that its page shows these runs too; where there is none, nothing is recorded.

    Recording costs some 15 ms a materialization (SQLite, a connection for each event): 7 days of 16 services pay 5 s.
    """
    folder = (settings.dagster_home or settings.home / "dagster").absolute()
    if (folder / "dagster.yaml").exists():
        return dg.DagsterInstance.from_config(str(folder))
    return dg.DagsterInstance.ephemeral()
