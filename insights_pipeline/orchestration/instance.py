"""The Dagster instance that runs from the command line are recorded in, so that `make dev` shows them too."""

import shutil
from pathlib import Path

import dagster as dg

from insights_pipeline.settings import Settings


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """DAGSTER_HOME where it is set, else `<home>/dagster`, made with our `dagster.yaml` if it isn't there yet."""
    folder = (settings.dagster_home or settings.home / "dagster").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists():
        shutil.copyfile(Path(__file__).with_name("dagster.yaml"), configuration)
    return dg.DagsterInstance.from_config(str(folder))
