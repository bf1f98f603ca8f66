"""Altair's charts as SVG to put into a page: real text, no identifiers, nothing that the page doesn't need."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree as ET  # what is parsed was drawn by vl-convert

import altair as alt
import vl_convert

from insights_pipeline.reports.charts import AnyChart, themed

_SVG = "http://www.w3.org/2000/svg"

# For screen readers, pointers and styles of Vega's own pages; the picture as a whole is described instead.
_UNNEEDED = ("class", "role", "aria-label", "aria-roledescription", "aria-hidden", "pointer-events", "font-family")

_INHERITED = ("fill", "stroke", "stroke-width", "font-size", "font-weight", "text-anchor")

_LONG_FRACTION = re.compile(r"-?\d+\.\d{3,}")


def svg_of(chart: AnyChart, name: str) -> str:
    """The SVG element; `name` makes its identifiers different from those of the page's other drawings."""
    specification = themed(chart).to_dict()
    return cleaned(vl_convert.vegalite_to_svg(specification, vl_version=_vega_lite()), name)


def cleaned(svg: str, name: str) -> str:
    """Vega's SVG without what can't be seen, scaling with the page, its identifiers renamed in the order they come."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(svg)  # noqa: S314 (drawn by vl-convert in this process)
    width = root.attrib["width"]
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    _prune(root)
    root.set("style", f"max-width:{width}px")
    # A page says it beside the drawing, in words and as a table.
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    text = ET.tostring(root, encoding="unicode")
    for number, identifier in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', text))):
        renamed = f"{name}-{number}"
        text = text.replace(f'id="{identifier}"', f'id="{renamed}"').replace(f"url(#{identifier})", f"url(#{renamed})")
    return _LONG_FRACTION.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)


def _prune(element: ET.Element) -> None:
    for child in list(element):
        if _is_invisible(child):
            element.remove(child)
            continue
        _prune(child)
        if child.tag == f"{{{_SVG}}}g" and not len(child):
            element.remove(child)
    _lift(element)
    for attribute in _UNNEEDED:
        element.attrib.pop(attribute, None)
    if element.get("opacity") == "1":
        del element.attrib["opacity"]


def _lift(element: ET.Element) -> None:
    """What all of many marks have in common is said once: it makes drawings half as large."""
    for attribute in _INHERITED if len(element) > 1 else ():
        (first, *others) = {child.get(attribute) for child in element}
        if first is not None and not others and attribute not in element.attrib:
            element.set(attribute, first)
            for child in element:
                del child.attrib[attribute]


def _is_invisible(element: ET.Element) -> bool:
    if element.get("display") == "none":
        return True
    is_frame = element.get("class") == "background"
    return is_frame and "stroke" not in element.attrib and "fill" not in element.attrib


@cache
def _vega_lite() -> str:
    """The version that Altair writes for, as vl-convert names it: 6.4 for v6.4.1."""
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
