"""How `insights models` refuses what can't be done here; what it builds is the warehouse's to test."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

from insights_pipeline.warehouse import WarehouseError
from insights_pipeline.warehouse.spark import require_spark
from insights_pipeline_tests.demo import environment, program


def test_without_java_the_command_says_so_in_one_sentence_and_exits_with_2(tmp_path: Path) -> None:
    ended = subprocess.run(
        [program(), "models", "--target", "spark"],
        env=environment(tmp_path) | {"JAVA_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: Spark needs ")
    assert ended.stderr.count("\n") == 1


def test_without_the_extra_the_refusal_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WarehouseError, match="extra `spark`"):
        require_spark(None)


def test_java_is_looked_for_where_java_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    with pytest.raises(WarehouseError, match="needs Java"):
        require_spark(tmp_path)
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o755)
    require_spark(tmp_path)
