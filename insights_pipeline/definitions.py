"""What `dagster dev` loads."""

from insights_pipeline.orchestration import build_defs

defs = build_defs()
