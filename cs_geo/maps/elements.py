"""Folium elements of our own. Each one only hands values to ``map.js``, which draws them (``cs_geo/web/assets``).

Each declares ``var {{ this.get_name() }}``: ``st_folium`` evaluates the scripts of all elements as one, and an element
that declares nothing stops it, which leaves a map of height 0 and no message.
"""

from collections.abc import Mapping
from typing import Any

import folium
from branca.element import Element, MacroElement
from folium.template import Template


class MapFrame(MacroElement):
    """The map's own behaviour: its first view, its height in the window, its name for a screen reader."""

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "var {{ this.get_name() }} = csGeo.frame({{ this.map_name() }}, {{ this.values|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "MapFrame"
        self.values = dict(values)

    def map_name(self) -> str:
        """Name of the JavaScript variable of the map this stands in."""
        return parent_map(self).get_name()


class MapContent(MapFrame):
    """What may change while the map stays: tile sources with their tokens, drawing rules and the legend.

    Put into the feature group that a page hands to ``st_folium`` at each run, so that a new filter or a new token
    redraws tiles in place and neither zoom nor position is lost.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}\n"
        "var {{ this.get_name() }} = csGeo.show({{ this.map_name() }}, {{ this.values|tojson }});\n"
        "{% endmacro %}"
    )

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._name = "MapContent"


def parent_map(element: Element) -> folium.Map:
    """The map an element stands in, however deep."""
    ancestor = element
    while not isinstance(ancestor, folium.Map):
        if ancestor._parent is None:
            raise ValueError(f"{element.get_name()} must be added to a map before it is drawn.")
        ancestor = ancestor._parent
    return ancestor
