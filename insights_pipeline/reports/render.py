"""Pages to HTML: Jinja2 escapes whatever it puts in; only our own style and drawings go in as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from insights_pipeline.reports.charts import NARROW, WIDE, draw
from insights_pipeline.reports.drawing import svg_of
from insights_pipeline.reports.page import Basis, Page, Picture
from insights_pipeline.reports.period import Step
from insights_pipeline.reports.tables import Written

_TEMPLATES = Path(__file__).with_name("templates")

INDEX = "index.html"

# Characters: an IPv6 address may take half a column, a path or a token may not take the page.
_LONG_WORD = 24


def render_page(page: Page, pages: Sequence[Page], basis: Basis, step: Step) -> str:
    """One report as a page that needs nothing else."""
    return _environment(step).get_template("report.html").render(page=page, pages=pages, basis=basis)


def render_index(
    pages: Sequence[Page], basis: Basis, tables: Sequence[Written], sizes: dict[str, int], step: Step
) -> str:
    """The page that the others are reached from; `sizes` are the files' in bytes."""
    template = _environment(step).get_template("index.html")
    return template.render(page=None, pages=pages, basis=basis, tables=tables, sizes=sizes)


def size(count: int) -> str:
    """`999 B`, `1.2 kB`, `35 MB`, in powers of a thousand."""
    if count < 1000:
        return f"{count} B"
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def _environment(step: Step) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    environment.globals["drawings"] = lambda picture: _drawings(picture, step)
    environment.globals["step"] = step
    environment.filters["size"] = size
    environment.tests["unbreakable"] = lambda cell: any(len(word) > _LONG_WORD for word in cell.split())
    environment.tests["picture"] = lambda section: isinstance(section, Picture)
    return environment


def _drawings(picture: Picture, step: Step) -> list[tuple[str, Markup]]:
    """The chart for wide pages and for narrow ones; styles show one of them."""
    return [
        (name, Markup(svg_of(draw(picture.chart, width, step), f"{picture.name}-{name}")))  # noqa: S704 (Vega escapes texts)
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    ]
