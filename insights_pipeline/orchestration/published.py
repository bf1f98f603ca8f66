"""`insights_duckdb`, the published database, as an asset. What publishing does is the warehouse's."""

import dagster as dg

from insights_pipeline.orchestration.models import BUILD_FILE_POOL
from insights_pipeline.orchestration.presentation import OWNERS, table
from insights_pipeline.orchestration.resources import Pipeline
from insights_pipeline.warehouse import WarehouseError, publish

PUBLISHED = dg.AssetKey("insights_duckdb")


def build_published_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The database that people open, after every model and every test of it passed."""

    @dg.asset(
        key=PUBLISHED,
        deps=[models],
        group_name="published",
        kinds={"duckdb"},
        owners=OWNERS,
        pool=BUILD_FILE_POOL,
        description="The published database: replaced whole by a rename, so that readers never wait nor see half of it.",
    )
    def insights_duckdb(pipeline: dg.ResourceParam[Pipeline]) -> dg.MaterializeResult[None]:
        try:
            published = publish(pipeline.settings.home.absolute(), pipeline.lake)
        except WarehouseError as error:
            raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(str(published.path)),
                "bytes": published.bytes,
                "dagster/row_count": sum(published.tables.values()),
                "tables": table(("table", "rows"), list(published.tables.items())),
            }
        )

    return insights_duckdb
