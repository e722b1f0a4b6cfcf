"""Wards, small areas and the borough itself: cut along main roads, river and railway, as real ones are."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

from making import layout
from making.buildings import Building
from making.geometry import Coords, chance, polygons_of, to_degrees

SMALL_AREAS = 42
"""Small areas of about equal numbers of homes, as lower layer super output areas are."""
BROKEN = 17
"""The small area whose outline crosses itself in the file, as 27 real ones did in 2011."""


@dataclass(frozen=True)
class Area:
    """An area with its reference and name; local metres."""

    reference: str
    name: str
    shape: Polygon | MultiPolygon


def wards() -> list[Area]:
    """The wards, each in one piece."""
    edges = [road.line for road in layout.ROADS] + [layout.RIVER, layout.RAILWAY, layout.BOROUGH.exterior]
    inside = [face for face in polygonize(unary_union(edges)) if layout.BOROUGH.contains(face.representative_point())]
    faces = sorted(inside, key=lambda face: (round(face.centroid.x), round(face.centroid.y)))
    seeds = [(Point(at), quarter.ward) for quarter in layout.QUARTERS for at in quarter.at]
    chosen = [min(seeds, key=lambda seed: seed[0].distance(face.centroid))[1] for face in faces]
    for _ in range(4):
        chosen = _one_piece(faces, chosen)
    names = sorted(set(chosen))
    merged = [unary_union([f for f, ward in zip(faces, chosen, strict=True) if ward == name]) for name in names]
    return [
        Area(f"HWW{number:02d}", name, _whole(shape))
        for number, (name, shape) in enumerate(zip(names, merged, strict=True), 1)
    ]


def _whole(shape: BaseGeometry) -> Polygon:
    return Polygon(max(polygons_of(shape), key=lambda part: part.area).exterior)


def _one_piece(faces: list[Polygon], chosen: list[str]) -> list[str]:
    """Give every face that lies apart from its ward to the neighbour it shares most boundary with."""
    mended = list(chosen)
    for name in sorted(set(chosen)):
        mine = [n for n, ward in enumerate(chosen) if ward == name]
        parts = polygons_of(unary_union([faces[n] for n in mine]))
        largest = max(parts, key=lambda part: part.area)
        for n in mine:
            if not largest.contains(faces[n].representative_point()):
                shared = {
                    other: sum(faces[n].intersection(faces[k]).length for k, ward in enumerate(chosen) if ward == other)
                    for other in sorted(set(chosen) - {name})
                }
                mended[n] = max(shared, key=lambda other: shared[other])
    return mended


def small_areas(all_wards: list[Area], buildings: list[Building]) -> list[Area]:
    """Each ward cut into small areas round the middles of its homes."""
    at = np.array([building.at for building in buildings])
    homes = np.array([max(len(building.numbers), 1) for building in buildings])
    found: list[Area] = []
    for ward in all_wards:
        inside = shapely.contains_xy(ward.shape, at)
        share = homes[inside].sum() / homes.sum()
        middles = _middles(at[inside], homes[inside], max(2, round(SMALL_AREAS * share)), ward.name)
        cells = shapely.voronoi_polygons(shapely.MultiPoint(middles), extend_to=ward.shape)
        pieces = [
            shapely.set_precision(cell.intersection(ward.shape), 0.01)
            for cell in sorted(shapely.get_parts(cells), key=lambda c: (round(c.centroid.x), round(c.centroid.y)))
        ]
        for number, piece in enumerate(pieces, 1):
            kept = polygons_of(piece)
            shape = kept[0] if len(kept) == 1 else MultiPolygon(kept)
            found.append(Area(f"HWL{len(found) + 1:03d}", f"{layout.TOWN} {ward.name} {number:02d}", shape))
    return found


def _middles(at: Coords, weight: np.ndarray, count: int, name: str) -> Coords:
    """Middles of ``count`` groups of homes (Lloyd's algorithm)."""
    rng = chance(f"small areas {name}")
    middles = at[rng.choice(len(at), count, replace=False)]
    for _ in range(25):
        nearest = ((at[:, None] - middles[None]) ** 2).sum(axis=2).argmin(axis=1)
        middles = np.array(
            [
                np.average(at[nearest == k], axis=0, weights=weight[nearest == k])
                for k in range(count)
                if (nearest == k).any()
            ]
        )
        count = len(middles)
    return np.round(middles, 1)


def write_areas(path: Path, areas: list[Area], *, broken: int | None = None) -> None:
    """Write areas as GeoJSON, the one numbered ``broken`` with an outline that crosses itself."""
    features = []
    for number, area in enumerate(areas):
        rings = [_rounded(part) for part in polygons_of(area.shape)]
        if number == broken:
            rings[0] = _crossed(rings[0])
        kind, coordinates = ("Polygon", [rings[0]]) if len(rings) == 1 else ("MultiPolygon", [[r] for r in rings])
        features.append(
            {
                "type": "Feature",
                "properties": {"reference": area.reference, "name": area.name},
                "geometry": {"type": kind, "coordinates": coordinates},
            }
        )
    text = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{text}\n]}}\n', encoding="utf-8", newline="\n")


def _rounded(shape: Polygon) -> list[list[float]]:
    """The outline in degrees to 0.1 m, valid also after rounding."""
    outline = Polygon(np.round(to_degrees(shape.exterior.coords), 6))
    if not outline.is_valid:
        outline = max(polygons_of(shapely.make_valid(outline)), key=lambda part: part.area)
    return [[round(float(x), 6), round(float(y), 6)] for x, y in outline.exterior.coords]


def _crossed(outline: list[list[float]]) -> list[list[float]]:
    """The outline with two neighbouring vertices swapped so that it crosses itself."""
    for first in range(len(outline) // 2, len(outline) - 2):
        swapped = [*outline]
        swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
        if not Polygon(swapped).is_valid:
            return swapped
    raise ValueError("No two vertices of this outline cross when swapped.")
