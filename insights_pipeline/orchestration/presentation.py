"""How the assets look in Dagster: who owns them, and figures as metadata. Counts, times and paths; never people or payloads."""

from collections.abc import Iterable, Sequence

import dagster as dg

OWNERS = ["team:security-data"]
"""Of every asset; Dagster shows and filters by it. A team of this name needn't exist anywhere."""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """A Markdown table; whole numbers with thousands separated."""
    lines = [_line(headings), _line(["---"] * len(headings)), *map(_line, rows)]
    return dg.MetadataValue.md("\n".join(lines))


def check_key(result: dg.AssetCheckResult) -> dg.AssetCheckKey:
    """Of a result that names its asset and its check: Dagster wants only what was selected."""
    assert result.asset_key is not None
    assert result.check_name is not None
    return dg.AssetCheckKey(result.asset_key, result.check_name)


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(cell: object) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    # Names of fields come from events: one with a bar would break the table.
    return "" if cell is None else str(cell).replace("|", "\\|").replace("\n", " ")
