"""From the published database to what people look at, mail and keep: pages, files and DataFrames. Nothing here writes to it or asks JumpCloud.

`insights_pipeline.reports.write` writes pages and files; it isn't imported here because Altair, which draws, takes a second.
"""

from insights_pipeline.reports.errors import ReportError

__all__ = ["ReportError"]
