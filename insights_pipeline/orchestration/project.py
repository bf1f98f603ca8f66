"""The dbt project as dagster-dbt takes it: prepared, and with what its files can't tell. Assets are made of it elsewhere."""

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject
from filelock import FileLock

from insights_pipeline.events import KNOWN_SERVICES
from insights_pipeline.orchestration.presentation import OWNERS
from insights_pipeline.warehouse import PROJECT_FOLDER, build_file, run_dbt


def prepared_project(home: Path) -> DbtProject:
    """The dbt project with a manifest that fits it; parsed again, some 5 seconds, only when a file of it changed.

    Or the home: dbt goes by what it parsed before only where the profile, which names the build file, is the same.
    """
    project = DbtProject(PROJECT_FOLDER)
    target = project.manifest_path.parent
    stamp = target / "manifest.sha256"
    content = f"{_content(PROJECT_FOLDER)} {build_file(home)}"
    target.mkdir(parents=True, exist_ok=True)
    with FileLock(target / "manifest.lock"):
        if not (project.manifest_path.exists() and stamp.exists() and stamp.read_text() == content):
            _parse(home, target)
            stamp.write_text(content)
    return project


def _parse(home: Path, target: Path) -> None:
    """Puts the manifest in place whole: a process of another home may be reading the one before."""
    with TemporaryDirectory(prefix="parse-", dir=target) as folder:
        # What dbt parsed before, by which it parses what changed alone.
        known = target / "partial_parse.msgpack"
        if known.exists():
            shutil.copy(known, folder)
        # dagster-dbt's own preparation looks for dbt on the PATH, where an environment that isn't activated doesn't have it.
        run_dbt(["parse", "--quiet"], {"INSIGHTS_WAREHOUSE": str(build_file(home))}, Path(folder))
        for name in (known.name, "manifest.json"):
            os.replace(Path(folder) / name, target / name)


def dbt_resource(project: DbtProject) -> DbtCliResource:
    """dbt of the environment that this interpreter belongs to."""
    return DbtCliResource(project_dir=project, dbt_executable=str(Path(sys.executable).with_name("dbt")))


def _content(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] not in ("target", "logs") and not inside.name.startswith("."):
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


class Translator(DagsterDbtTranslator):
    """Tells Dagster what the project's files can't: the folder as the group, who owns models, what stands above them."""

    def __init__(self, services: Sequence[str]) -> None:
        super().__init__()
        self._services = services

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """As dagster-dbt has it, but that what the pipeline writes into the build file isn't shown as an asset.

        In place of the table `lake.coverage` stand the raw assets, whose manifests it is made of, and in place of the one
        for services that dbt doesn't know by name their events: without them nothing would be built after those.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps = [key for dep in spec.deps for key in self._shown(dep.asset_key)]
        return spec.replace_attributes(deps=list(dict.fromkeys(deps)), owners=OWNERS)

    def _shown(self, key: dg.AssetKey) -> list[dg.AssetKey]:
        if key == dg.AssetKey(["lake", "coverage"]):
            return [dg.AssetKey(["raw", service]) for service in self._services]
        if key.path[0] == "lake":
            return [dg.AssetKey(["events", name]) for name in self._services if name not in KNOWN_SERVICES]
        return [key]

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The folder: `staging`, `intermediate`, `marts` or `seeds`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])
