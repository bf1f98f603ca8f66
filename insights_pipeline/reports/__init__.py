"""From the published database to pages and files that people look at, mail and keep.

`insights_pipeline.reports.write` writes them; it isn't imported here because Altair, which draws, takes a second.
"""

from insights_pipeline.reports.errors import ReportError

__all__ = ["ReportError"]
