"""A made-up district of two wards, and reports in it."""

import geopandas as gpd
import shapely

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.crs import storage_epsg
from cs_geo.store.areas import replace_areas
from cs_geo.store.opening import Store
from tests.sheets import EASTING, NORTHING, report_row

NOTE, STREET = "canarynote", "Canarystreet"
"""Words of every report, to be looked for where they must not be."""
X0, Y0 = EASTING - EASTING % 50, NORTHING - NORTHING % 50


def load_areas(store: Store) -> None:
    """A district of two wards of two LSOAs each."""
    boxes = {
        "district": [("D1", "Elmshire", shapely.box(X0 - 1000, Y0 - 1000, X0 + 1000, Y0 + 1000))],
        "ward": [
            ("W1", "Westward", shapely.box(X0 - 1000, Y0 - 1000, X0 + 200, Y0 + 1000)),
            ("W2", "Eastward", shapely.box(X0 + 200, Y0 - 1000, X0 + 1000, Y0 + 1000)),
        ],
        "lsoa": [
            ("L1", "West 1", shapely.box(X0 - 1000, Y0 - 1000, X0 + 200, Y0 + 25)),
            ("L2", "West 2", shapely.box(X0 - 1000, Y0 + 25, X0 + 200, Y0 + 1000)),
            ("L3", "East 1", shapely.box(X0 + 200, Y0 - 1000, X0 + 1000, Y0)),
            ("L4", "East 2", shapely.box(X0 + 200, Y0, X0 + 1000, Y0 + 1000)),
        ],
    }
    with store.begin(LOCAL_ACTOR) as connection:
        for kind, found in boxes.items():
            frame = gpd.GeoDataFrame(
                {"reference": [one[0] for one in found], "name": [one[1] for one in found], "was_mended": False},
                geometry=[shapely.MultiPolygon([one[2]]) for one in found],
                crs=storage_epsg(),
            )
            replace_areas(connection, kind, frame, source="test", actor="local")


def spread(n: int, x: float, y: float = NORTHING, **given: object) -> list[dict[str, object]]:
    """Reports 3 m apart on different days of April from two kinds of source."""
    sources = ("school_or_college", "parks_or_open_space")
    return [
        report_row(
            easting=x + 3 * number,
            northing=y + number,
            date=f"2024-04-{number % 28 + 1:02}",
            source_type=sources[number % 2] if "source_type" not in given else given["source_type"],
            harm_types="damage",
            location=STREET,
            note=f"{NOTE} {x} {number}",
        )
        | given
        for number in range(n)
    ]
