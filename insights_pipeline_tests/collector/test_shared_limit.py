"""The rate limit that workers share, from the settings: none, one that can't be reached, one whose library is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from insights_pipeline.cli.doctor.access import check_limit
from insights_pipeline.collector import connect
from insights_pipeline.emulator import DEMO_API_KEY
from insights_pipeline.settings import IsolatedSettings, SettingsError
from insights_pipeline_tests.ports import free_port
from insights_pipeline_tests.postgres import Postgres, needs_postgres


def settings(tmp_path: Path, **more: Any) -> IsolatedSettings:
    return IsolatedSettings(JUMPCLOUD_API_KEY=DEMO_API_KEY, INSIGHTS_HOME=tmp_path, **more)


def test_without_an_address_nothing_is_shared_nor_checked(tmp_path: Path) -> None:
    assert check_limit(settings(tmp_path)) == []


def test_a_missing_library_is_told_with_the_extra_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "insights_pipeline.jumpcloud.shared_pace", raising=False)
    shared = settings(tmp_path, INSIGHTS_SHARED_LIMIT_URL="postgresql://127.0.0.1/insights")
    with pytest.raises(SettingsError, match=r"pip install 'insights-pipeline\[cluster\]'"):
        connect(shared)
    (check,) = check_limit(shared)
    assert check.verdict == "fail"


def test_a_database_that_does_not_answer_is_found_by_the_doctor(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the extra `cluster` is not installed")
    url = f"postgresql://insights:not-to-be-shown@127.0.0.1:{free_port()}/insights"
    (check,) = check_limit(settings(tmp_path, INSIGHTS_SHARED_LIMIT_URL=url))
    assert check.verdict == "fail"
    assert "INSIGHTS_SHARED_LIMIT_URL" in check.remedy
    assert "not-to-be-shown" not in check.remedy


@needs_postgres
def test_a_database_that_answers_is_well(tmp_path: Path, postgres: Postgres) -> None:
    pytest.importorskip("psycopg", reason="the extra `cluster` is not installed")
    (check,) = check_limit(settings(tmp_path, INSIGHTS_SHARED_LIMIT_URL=postgres.url))
    assert check.verdict == "ok"
