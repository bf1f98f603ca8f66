"""What `deploy/` says, held against what it is read by: schemas, Dagster's own classes, the settings, and the files it names."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._config import process_config
from dagster._core.instance.config import dagster_instance_config_schema

from insights_pipeline.settings import Settings
from insights_pipeline_tests.postgres import Postgres, needs_postgres
from insights_pipeline_tests.processes import ROOT

DEPLOY = ROOT / "deploy"
PROGRAMS = Path(sys.executable).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()

# Said by the image itself, since what is built into it depends on them; and Spark's, which runs elsewhere.
FIXED = {"INSIGHTS_HOME", "DAGSTER_HOME", "SPARK_MASTER", "JAVA_HOME"}

needs_cluster = pytest.mark.skipif(find_spec("dagster_docker") is None, reason="the extra `cluster` is not installed")


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text())


def in_image(variable: str) -> str:
    """The last value that the Dockerfile gives it."""
    return str(re.findall(rf"\b{variable}=(\S+)", DOCKERFILE)[-1])


COMPOSE, INSTANCE, HELM = read("compose.yaml"), read("dagster-docker.yaml"), read("helm-values.yaml")
SHIPPED = yaml.safe_load((ROOT / "insights_pipeline" / "orchestration" / "dagster.yaml").read_text())
(CODE_LOCATION,) = HELM["dagster-user-deployments"]["deployments"]
LAUNCHER = INSTANCE["run_launcher"]["config"]


@pytest.mark.parametrize(
    "command",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"],
        ["hadolint", "deploy/Dockerfile"],
    ],
    ids=lambda command: command[-1],
)
def test_a_linter_has_nothing_to_say(command: list[str]) -> None:
    program = str(PROGRAMS / command[0])
    ended = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_everything_that_the_image_is_made_of_is_there_and_let_through() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    let_through = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert copied
    assert set(copied) == set(let_through)
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_has_the_extras_and_the_uv_of_the_project() -> None:
    for extra in ("cluster", "object-store"):
        assert extra in PROJECT["project"]["optional-dependencies"]
        assert DOCKERFILE.count(f"--extra {extra}") == 2, f"uv sync is to bring the extra {extra}, both times"
    (uv,) = re.findall(r"uv:([\d.]+)", DOCKERFILE)
    assert f"uv=={uv}" in PROJECT["dependency-groups"]["dev"]


def test_commands_and_modules_that_containers_start_exist() -> None:
    commands = [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    started = {command[0] for command in commands} - {"sh"} | {"dagster"}
    assert started == {"dagster", "dagster-daemon", "dagster-webserver"}
    assert all((PROGRAMS / program).exists() for program in started)
    modules = [*re.findall(r'"--module-name", "([\w.]+)"', DOCKERFILE), CODE_LOCATION["dagsterApiGrpcArgs"][1]]
    assert modules == [PROJECT["tool"]["dg"]["project"]["code_location_target_module"]] * 2


def test_page_and_daemon_find_the_code_location_under_the_name_of_the_project() -> None:
    (entry,) = read("workspace.yaml")["load_from"]
    server = entry["grpc_server"]
    assert server["host"] in COMPOSE["services"]
    assert f'"--port", "{server["port"]}"' in DOCKERFILE
    assert server["location_name"] == PROJECT["tool"]["dg"]["project"]["code_location_name"]
    assert in_image("DAGSTER_HOME") == "/opt/dagster"
    for service in ("daemon", "page"):
        assert "/opt/dagster/workspace.yaml" in COMPOSE["services"][service]["command"]


def test_each_run_in_docker_is_told_every_setting() -> None:
    settings = {str(field.alias) for field in Settings.model_fields.values()} - FIXED
    told = set(COMPOSE["x-environment"])
    assert settings <= told
    assert set(LAUNCHER["env_vars"]) == told


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_variable_that_is_named_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"\b(?:JUMPCLOUD|INSIGHTS)_[A-Z_]+\b", path.read_text()))
    assert named <= {field.alias for field in Settings.model_fields.values()}


def test_runs_in_docker_join_the_network_and_the_volume_of_the_others() -> None:
    assert LAUNCHER["network"] == COMPOSE["networks"]["default"]["name"]
    home = f"{COMPOSE['volumes']['home']['name']}:{in_image('INSIGHTS_HOME')}"
    assert LAUNCHER["container_kwargs"]["volumes"] == [home]
    for service in ("code", "daemon", "page"):
        assert f"home:{in_image('INSIGHTS_HOME')}" in COMPOSE["services"][service]["volumes"]
    assert INSTANCE["compute_logs"]["config"]["base_dir"].startswith(in_image("INSIGHTS_HOME"))
    assert COMPOSE["services"]["code"]["environment"]["DAGSTER_CURRENT_IMAGE"] == COMPOSE["x-dagster"]["image"]


@pytest.mark.parametrize("part", SHIPPED)
def test_what_is_not_about_several_hosts_is_as_on_one(part: str) -> None:
    assert INSTANCE[part] == SHIPPED[part]


@needs_cluster
@needs_postgres
def test_dagster_loads_the_instance_with_postgres_and_docker(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database("instance")
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", url.replace("postgresql:", "postgresql+psycopg2:"))
    (tmp_path / "dagster.yaml").write_text((DEPLOY / "dagster-docker.yaml").read_text())
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert type(instance.run_launcher).__name__ == "DockerRunLauncher"
        assert type(instance.run_storage).__name__ == "PostgresRunStorage"
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        assert instance.get_runs_count() == 0


def test_kubernetes_keeps_to_the_same_limits_in_words_that_dagster_knows() -> None:
    more = HELM["additionalInstanceConfig"]
    schema = dagster_instance_config_schema()
    assert more.keys() <= schema.keys()
    validated = process_config({name: schema[name] for name in more}, more)
    assert validated.success, validated.errors
    assert more == {name: SHIPPED[name] for name in more}
    monitoring = HELM["dagsterDaemon"]["runMonitoring"]
    assert monitoring["freeSlotsAfterRunEndSeconds"] == SHIPPED["run_monitoring"]["free_slots_after_run_end_seconds"]
    assert monitoring["pollIntervalSeconds"] == SHIPPED["run_monitoring"]["poll_interval_seconds"]
    retention = HELM["retention"]
    assert retention["schedule"]["purgeAfterDays"] == SHIPPED["retention"]["schedule"]["purge_after_days"]
    assert SHIPPED["retention"]["sensor"]["purge_after_days"].items() <= retention["sensor"]["purgeAfterDays"].items()


@needs_cluster
def test_kubernetes_gets_a_pod_for_each_run_with_volume_secrets_and_no_root() -> None:
    """The job as the launcher makes it of the values, in the way in which the chart passes them on."""
    from dagster_k8s.container_context import K8sContainerContext
    from dagster_k8s.job import DagsterK8sJobConfig, construct_dagster_k8s_job

    launcher = HELM["runLauncher"]["config"]["k8sRunLauncher"]
    image = f"{CODE_LOCATION['image']['repository']}:{CODE_LOCATION['image']['tag']}"
    passed_on = {
        "image_pull_policy": launcher["imagePullPolicy"],
        "env_secrets": [secret["name"] for secret in CODE_LOCATION["envSecrets"]],
        "volumes": CODE_LOCATION["volumes"],
        "volume_mounts": CODE_LOCATION["volumeMounts"],
        "resources": launcher["resources"],
        "run_k8s_config": {
            "pod_spec_config": launcher["runK8sConfig"]["podSpecConfig"],
            "job_spec_config": launcher["runK8sConfig"]["jobSpecConfig"],
        },
    }
    context = K8sContainerContext.create_from_config({"k8s": passed_on})
    # The names of these two are the chart's.
    config = DagsterK8sJobConfig(image, dagster_home="/opt/dagster/dagster_home", instance_config_map="instance")
    job = construct_dagster_k8s_job(config, ["dagster"], "run", context.run_k8s_config, pod_name="run").to_dict()
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["security_context"]["run_as_non_root"]
    assert f"USER {pod['security_context']['run_as_user']}:{pod['security_context']['run_as_group']}" in DOCKERFILE
    (mount,) = [mount for mount in container["volume_mounts"] if mount["name"] == "home"]
    assert mount["mount_path"] == in_image("INSIGHTS_HOME")
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "home"]
    assert volume["persistent_volume_claim"]["claim_name"] == read("volume.yaml")["metadata"]["name"]
    assert {source["secret_ref"]["name"] for source in container["env_from"] if source["secret_ref"]} == {"insights"}
    assert container["resources"]["limits"]["memory"] == "6Gi"
    assert job["spec"]["ttl_seconds_after_finished"] == 86400


@needs_cluster
def test_the_volume_is_one_that_kubernetes_knows() -> None:
    import kubernetes.client
    from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict

    model = kubernetes.client.V1PersistentVolumeClaim
    claim = k8s_model_from_dict(model, k8s_snake_case_dict(model, read("volume.yaml")))
    assert claim.spec.access_modes == ["ReadWriteMany"]


def test_no_secret_is_written_down() -> None:
    secret = re.compile(r"(?:PASSWORD|SECRET\w*|_KEY|_KEY_ID): (?!\$\{)(\S+)")
    for path in DEPLOY.iterdir():
        assert not secret.findall(path.read_text()), path.name
