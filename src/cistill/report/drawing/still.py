"""The static form of a chart: one SVG, drawn without a browser and then made small.

It stands in the page until the chart comes near the view, where there is no JavaScript, and in print. Vega draws every
mark with all its attributes; what all marks of a group share is written once, and what only a programmer would ask for
is left out.
"""

import json
import re
from typing import Any
from xml.etree import ElementTree

import vl_convert

from cistill.report.drawing.axes import number

VEGA_LITE = "6.4"
DROPPED = ("class", "role", "aria-label", "aria-hidden", "aria-roledescription", "pointer-events", "cursor")
DEFAULTS = {"opacity": "1", "stroke-width": "1", "fill-opacity": "1", "stroke-opacity": "1", "text-anchor": "start"}
"""Attributes that say what holds without them."""
DISC = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0Z?$")
PLACE = re.compile(r"translate\((-?[\d.]+),(-?[\d.]+)\)$")
NUMBER = re.compile(r"-?\d+\.\d\d+(?:e-?\d+)?")
INHERITED = ("fill", "stroke", "font", "text-anchor")
"""Attributes, and beginnings of theirs, that marks take from their group."""


def still(spec: dict[str, Any], theme: dict[str, Any], prefix: str) -> str:
    """Return a chart as an `<svg>` element for a page.

    Parameters
    ----------
    spec : dict
        Vega-Lite with its data.
    theme : dict
        Configuration of Vega-Lite.
    prefix : str
        Makes ids within the drawing unique in the page.
    """
    text = vl_convert.vegalite_to_svg(json.dumps(spec, allow_nan=False), vl_version=VEGA_LITE, config=theme)
    return smaller(text, prefix)


def smaller(text: str, prefix: str) -> str:
    """Return an SVG of Vega's without what a page has no use for."""
    root = ElementTree.fromstring(re.sub(r' xmlns(?::xlink)?="[^"]*"', "", text, count=2))
    for element in list(root.iter()):
        _trim(element, prefix)
    _prune(root)
    root.set("viewBox", root.get("viewBox", ""))
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ElementTree.tostring(root, encoding="unicode")


def _trim(element: ElementTree.Element, prefix: str) -> None:
    """Shorten the attributes of one element."""
    for name in (*DROPPED, "version"):
        element.attrib.pop(name, None)
    for name, value in list(element.attrib.items()):
        if DEFAULTS.get(name) == value or value == "translate(0,0)":
            del element.attrib[name]
        elif name in ("d", "transform", "x", "y", "x1", "x2", "y1", "y2", "width", "height"):
            element.set(name, NUMBER.sub(lambda found: number(float(found[0])), value))
        elif name == "id":
            element.set(name, prefix + value)
        elif "url(#" in value:
            element.set(name, value.replace("url(#", f"url(#{prefix}"))
    element.attrib.pop("font-family", None)  # the page's own
    _as_circle(element)


def _as_circle(element: ElementTree.Element) -> None:
    """Write a round mark as a circle."""
    disc, place = DISC.match(element.get("d", "")), PLACE.match(element.get("transform", ""))
    if disc and place:
        del element.attrib["d"], element.attrib["transform"]
        element.tag = "circle"
        element.attrib.update(cx=place[1], cy=place[2], r=disc[1])
        if "opacity" in element.attrib and "stroke" not in element.attrib:
            element.set("fill-opacity", element.attrib.pop("opacity"))
            element.attrib.pop("stroke-width", None)


def _prune(parent: ElementTree.Element) -> None:
    """Drop what draws nothing, open groups without attributes, and write once what all marks of a group share."""
    for child in list(parent):
        _prune(child)
        if _draws_nothing(child):
            parent.remove(child)
    children: list[ElementTree.Element] = []
    for child in parent:
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    parent[:] = children
    if parent.tag == "g" and len(children) > 1:
        first, *others = children
        for name, value in list(first.attrib.items()):
            if (
                name.startswith(INHERITED)
                and name not in parent.attrib
                and all(other.get(name) == value for other in others)
            ):
                parent.set(name, value)
                for child in children:
                    del child.attrib[name]


def _draws_nothing(element: ElementTree.Element) -> bool:
    if element.tag == "g":
        return not len(element)
    if element.get("display") == "none" or element.get("opacity") == "0":
        return True
    if element.tag == "path":
        return not element.get("d") or not (element.get("fill") or element.get("stroke"))
    return element.tag == "text" and not "".join(element.itertext()).strip()
