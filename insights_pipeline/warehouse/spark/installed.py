"""Whether Spark can be run here at all; starting it is the session's."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from insights_pipeline.warehouse.errors import WarehouseError


def require_spark(java_home: Path | None) -> None:
    """Raises WarehouseError unless PySpark, dbt's adapter and Java are there; `java_home` goes before the path, as with Spark."""
    if any(importlib.util.find_spec(name) is None for name in ("pyspark", "dbt.adapters.spark")):
        raise WarehouseError(
            "Spark needs PySpark and dbt-spark, which aren't installed: "
            'run `make setup EXTRAS="dashboard spark"`, or install this package with its extra `spark`.'
        )
    if shutil.which("java", path=None if java_home is None else str(java_home / "bin")) is None:
        raise WarehouseError(
            "Spark needs Java, which isn't found: install Java 17 or later, such as Debian's default-jre-headless, "
            "or set JAVA_HOME to it."
        )
