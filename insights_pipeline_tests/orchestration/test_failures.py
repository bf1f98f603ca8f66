"""What breaks leaves the published database as it was, says what happened, and the next run heals what can be healed."""

import dagster as dg
import pytest

from insights_pipeline_tests.orchestration.mishaps import ROTTEN
from insights_pipeline_tests.orchestration.running import SERVICES
from insights_pipeline_tests.orchestration.story import Story


@pytest.mark.parametrize("mishap", ["down", "rotten", "failed test", "killed"])
def test_a_mishap_leaves_the_published_database_as_it_was(story: Story, mishap: str) -> None:
    assert story.mishaps.published[mishap] == story.mishaps.published["before"]


def test_an_api_that_is_down_is_told_for_each_service(story: Story) -> None:
    assert not story.mishaps.down.published
    assert {outcome.key.service for outcome in story.mishaps.down.outcomes if outcome.failure} == set(SERVICES)
    assert all("503" in str(outcome.failure) for outcome in story.mishaps.down.outcomes)


def test_a_rotten_page_fails_a_check_and_makes_its_day_short_and_no_other(story: Story) -> None:
    assert story.mishaps.rotten.success
    checks = {
        (check.asset_key.path[-1], check.check_name): check
        for check in story.mishaps.rotten.get_asset_check_evaluations()
    }
    assert not checks["radius", "rejects_and_misfits"].passed
    assert checks["radius", "rejects_and_misfits"].severity is dg.AssetCheckSeverity.ERROR
    assert checks["sso", "rejects_and_misfits"].passed
    assert {day for day, state in story.mishaps.rotten_states.items() if state != "complete"} == {
        ("radius", str(ROTTEN.day))
    }


def test_a_failing_test_of_dbt_is_named(story: Story) -> None:
    (fault,) = story.mishaps.failed_test.faults
    assert "unique_combination_authentications" in fault
    assert "the published database stays as it was" in fault


def test_the_next_run_heals_all_of_it(story: Story) -> None:
    assert story.held_at_last == story.true


def test_a_full_disk_is_told_and_nothing_of_the_new_database_is_left(story: Story) -> None:
    assert story.full.returncode == 1
    assert "free some space" in story.full.stderr
    assert "Traceback" not in story.full.stderr
    assert story.untouched_by_full
    assert story.left_behind == []
