"""Places of the register, and what people call places that no map names."""

import json
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry import Polygon

from making import layout
from making.borough import Borough
from making.geometry import block, to_degrees


@dataclass(frozen=True)
class Nickname:
    """A local name, what else it is called (parted by ;), its local point and its radius in metres."""

    name: str
    aliases: str
    at: tuple[float, float]
    radius: float


def nicknames(borough: Borough) -> list[Nickname]:
    """Names that only locals know."""
    fish_bar = borough.feature("Lowfield Fish Bar").shape.centroid
    car_park = borough.feature("Maltings multi-storey car park").shape.centroid
    bandstand = borough.feature("Ropewalk Bandstand").shape.centroid
    return [
        Nickname("the Steps", "River Steps;Steps by the bridge", (2862, 2966), 30),
        Nickname("Chippy Corner", "Lowfield chippy", (fish_bar.x, fish_bar.y), 25),
        Nickname("Ropewalk Park north gate", "north gate;park top gate", (2985, 3772), 25),
        Nickname("Academy gate", "Weirside gate", (1850, 3540), 30),
        Nickname("the Forecourt", "station front", (2800, 2030), 35),
        Nickname("the Top Deck", "Maltings roof", (car_park.x, car_park.y), 35),
        Nickname("the Ramps", "", (3740, 1010), 25),
        Nickname("the Bandstand", "", (bandstand.x, bandstand.y), 20),
        Nickname("Old Bridge", "", (2792, 3075), 30),
    ]


def _places(borough: Borough) -> list[tuple[str, str, str, str, Polygon]]:
    """Name, type, aliases, role of who manages it, outline."""
    outline = {site.name: site.outline for site in layout.SITES}

    def around(name: str, metres: float) -> Polygon:
        return shapely.simplify(borough.feature(name).shape.centroid.buffer(metres, quad_segs=4), 0.5)

    return [
        ("Station forecourt", "transport_stop_station_route", "the Forecourt;Station Approach forecourt",
         "Station manager", block(2790, 2028, 2, 250, 62)),
        ("Ropewalk Park", "park_green_space", "Rope Park;the Ropewalk", "Parks manager", outline["Ropewalk Park"]),
        ("Maltings car park", "car_park", "the Top Deck;Maltings multi-storey car park", "Parking manager",
         outline["Maltings car park"].buffer(12, join_style="mitre")),
        ("The Steps", "waterside", "River Steps", "Highways manager", shapely.simplify(shapely.Point(2862,
         2966).buffer(62, quad_segs=4), 0.5)),
        ("Lowfield Parade", "high_street_shops", "Chippy Corner", "Parade landlord", block(2964, 945, 92, 150, 84)),
        ("Weirside Academy gate", "school_surroundings", "Academy gate", "Head of site",
         shapely.simplify(shapely.Point(1850, 3540).buffer(90, quad_segs=4), 0.5)),
        ("Pellmoor Court", "estate_common_area_stairwell", "the Court", "Housing manager", outline["Pellmoor Court"]),
        ("Pellmoor Skatepark", "play_or_ball_court", "the Ramps", "Parks manager", around("Pellmoor Skatepark", 45)),
        ("The Boathouse Youth Centre", "youth_venue", "the Boathouse", "Centre manager",
         around("The Boathouse Youth Centre", 35)),
        ("Harrowmere Central Library", "library_community_building", "central library", "Library manager",
         around("Harrowmere Central Library", 35)),
    ]  # fmt: skip


def write_places(path: Path, borough: Borough) -> None:
    """Write the register as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "place_type": place_type, "aliases": aliases, "manager_role": role},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in to_degrees(shape.exterior.coords)]
                ],
            },
        }
        for name, place_type, aliases, role, shape in _places(borough)
    ]
    text = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{text}\n]}}\n', encoding="utf-8", newline="\n")
