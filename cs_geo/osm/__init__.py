"""OpenStreetMap extracts, read once into frames that the gazetteer, the street network and the basemap share.

In: an extract (``.osm``, ``.osm.gz``, ``.osm.bz2`` or ``.osm.pbf``; the content decides, not the name). Out: tagged
points, ways and areas in storage metres, with the tags of ``TAGS`` and no others: who mapped what, phone numbers,
websites and operators stay behind. pyosmium is used because it reads all four formats and keeps node ids, by which
streets meet; osmnx's own reader takes buildings for streets and cannot read ``.pbf``.

Protected places (children's homes, refuges, supported and asylum accommodation: practice.md §5.1) lose their name and
kind here, at the door, so that nothing downstream can name or draw them; their outlines stay as plain buildings.
"""

from cs_geo.osm.protected import is_protected
from cs_geo.osm.reading import OsmData, read_osm
from cs_geo.osm.tags import TAGS

__all__ = ["TAGS", "OsmData", "is_protected", "read_osm"]
