"""dbt's own tests of the rules and of the seeds, which production builds leave out."""

from __future__ import annotations

from insights_pipeline.warehouse import run_dbt
from insights_pipeline_tests.warehouse.conftest import Stages


def test_the_unit_tests_and_the_seeds_tests_of_dbt_pass(stages: Stages) -> None:
    arguments = ["test", "--select", "resource_type:unit_test", "test_type:generic,path:seeds"]
    run_dbt(arguments, stages.tenant.plan.environment, stages.home / "target")
