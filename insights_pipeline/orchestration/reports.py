"""The asset `reports`: pages and files from the published database. What they say and how they look is the reports' own."""

import dagster as dg

from insights_pipeline.orchestration.presentation import OWNERS, table
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.reports import ReportError
from insights_pipeline.reports.write import write_reports


def build_reports_asset(published: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The reports, after every publishing."""

    @dg.asset(
        name="reports",
        deps=[published],
        group_name="reports",
        kinds={"html", "csv", "parquet"},
        owners=OWNERS,
        description="One page each about authentication, admin changes, old API keys and coverage, with the rows behind them.",
    )
    def reports(pipeline: dg.ResourceParam[Pipeline]) -> dg.MaterializeResult[None]:
        try:
            report = write_reports(pipeline.settings.home)
        except ReportError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "index": dg.MetadataValue.path(str(report.index)),
                "period": f"{report.period.first} to {report.period.last}",
                "coverage_is_complete": report.basis.is_complete,
                "headlines": dg.MetadataValue.md(
                    "\n".join(f"- {page.title}: {page.headline}" for page in report.pages)
                ),
                "tables": table(("table", "rows"), list(report.rows.items())),
            }
        )

    return reports
