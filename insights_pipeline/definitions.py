"""What `dagster dev` loads."""

from insights_pipeline.orchestration.build import build_defs

defs = build_defs()
