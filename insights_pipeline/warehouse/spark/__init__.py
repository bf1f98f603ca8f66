"""Builds the same models on Apache Spark, from the same files; nothing else in the package needs the extra `spark`."""

from insights_pipeline.warehouse.spark.build import ModelsFailed, SparkBuild, build_on_spark
from insights_pipeline.warehouse.spark.installed import require_spark

__all__ = ["ModelsFailed", "SparkBuild", "build_on_spark", "require_spark"]
