"""The register of places: looking one up, registering a new one, drawing its boundary.

A boundary is drawn by a person: from a file, around a point, by its corners, or from the outline of a hotspot that was
tested against chance (``adopt_outline``).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import shapely
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.crs import DEGREES, storage_epsg, transform_points
from cs_geo.errors import RefusedInput
from cs_geo.geocode.gazetteer import normalise_name
from cs_geo.osm.protected import names_protected
from cs_geo.store import hidden_places
from cs_geo.store import places as stored
from cs_geo.store.areas import hold_protected
from cs_geo.store.effort import sessions_of_place
from cs_geo.store.opening import Store
from cs_geo.store.place_reports import (
    PlaceCounts,
    count_place_kinds,
    count_place_reports,
    page_of_place_reports,
)
from cs_geo.store.places import PlaceSummary
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.recording import looked_at, recorded
from cs_geo.workflows.typed_points import read_typed_point

Drawn = TypeVar("Drawn", bound=BaseGeometry)
PROTECTED_TYPE = hidden_places.PROTECTED_TYPE
NOT_LISTED = (
    "Homes, refuges and supported accommodation are not listed here: "
    "ask a data steward to put them on the list of protected locations."
)
LARGEST_KM2 = 10.0
"""A larger area is a ward or a town, and those are loaded as areas."""
SMALLEST_M2 = 25.0
LONGEST_NAME = 120
MOST_GEOJSON_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Registered:
    """A new place, and how many reports and sessions name it."""

    place_id: UUID
    linked: int


@dataclass(frozen=True, eq=False)
class OpenPlace:
    """A place with its boundary (storage metres), its counts by kind and by source type, and its newest sessions."""

    summary: PlaceSummary
    boundary: BaseGeometry | None
    counts: PlaceCounts
    by_source: Sequence[tuple[str, str, int]]
    sessions: Sequence[Mapping[str, Any]]

    @property
    def reports_n(self) -> int:
        """How many rows its list of reports has, of all kinds. For turning pages, never shown as one count."""
        return sum(count for _, _, count in self.by_source)


def list_register(store: Store, actor: Actor) -> list[PlaceSummary]:
    """Every registered place with its counts."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject="places") as connection:
        return stored.list_places(connection)


def open_place(store: Store, actor: Actor, summary: PlaceSummary) -> OpenPlace:
    """One place in full."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(summary.place_id)) as connection:
        return OpenPlace(
            summary=summary,
            boundary=stored.read_boundary(connection, summary.place_id),
            counts=count_place_kinds(connection, summary.place_id),
            by_source=count_place_reports(connection, summary.place_id),
            sessions=[dict(row) for row in sessions_of_place(connection, summary.place_id)],
        )


def page_of_place(store: Store, actor: Actor, place_id: UUID, *, page: int, size: int) -> Sequence[Mapping[str, Any]]:
    """One page of a place's reports, newest first, counted from 1."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(place_id)) as connection:
        rows = page_of_place_reports(connection, place_id, offset=(page - 1) * size, limit=size)
        return [dict(row) for row in rows]


def register_place(
    store: Store,
    actor: Actor,
    *,
    name: str,
    place_type: str,
    manager_role: str = "",
    aliases: Sequence[str] = (),
    boundary: BaseGeometry | None = None,
    origin: str = "",
) -> Registered:
    """Register a place and link the reports and sessions that name it.

    Parameters
    ----------
    boundary
        Polygon in storage metres; None to draw it later.
    origin
        How the boundary was drawn, in words.

    Raises
    ------
    RefusedInput
        As ``add_to_register``.
    """
    with recorded(store, actor, Action.REGISTER_PLACES) as recording:
        connection = recording.connection
        place_id = add_to_register(
            connection,
            actor,
            name=name,
            place_type=place_type,
            manager_role=manager_role,
            aliases=aliases,
            boundary=boundary,
            origin=origin,
        )
        return Registered(place_id, link_by_name(connection))


def add_to_register(
    connection: Connection,
    actor: Actor,
    *,
    name: str,
    place_type: str,
    manager_role: str = "",
    aliases: Sequence[str] = (),
    boundary: BaseGeometry | None = None,
    origin: str = "",
) -> UUID:
    """Put one place on the register, wherever it comes from; what names it is still to be linked.

    Raises
    ------
    RefusedInput
        If the name is missing, taken or describes a person, the type is not one that is listed, the boundary is no
        area, or the place is a protected location by its type, name or boundary.
    """
    if not name.strip():
        raise RefusedInput("Give the place a name, such as “Elm Park, south gate”.")
    names = [neutral_name(one) for one in (name, *aliases) if one.strip()]
    if not place_type:
        raise RefusedInput(f"Choose the type of place. {NOT_LISTED}")
    if place_type == PROTECTED_TYPE or any(map(names_protected, names)):
        raise RefusedInput(NOT_LISTED)
    hold_protected(connection)
    place_id = stored.add_place(
        connection,
        name=names[0],
        place_type=place_type,
        manager_role=neutral_name(manager_role),
        aliases=[(one, normalise_name(one)) for one in names],
        boundary=None if boundary is None else checked_boundary(boundary),
        origin=origin,
        actor=actor.person,
    )
    _stop_if_hidden(connection, place_id)
    return place_id


def link_by_name(connection: Connection) -> int:
    """Link every report and session that names a place of the register; how many were linked."""
    names = stored.registered_names(connection)
    return stored.link_by_name(
        connection,
        {text: names[norm] for text in stored.unlinked_names(connection) if (norm := normalise_name(text)) in names},
    )


def redraw_boundary(store: Store, actor: Actor, place_id: UUID, boundary: BaseGeometry, *, origin: str) -> int:
    """Give a place a new boundary; the number of its version. Earlier versions stay.

    Raises
    ------
    RefusedInput
        If it is no area, or touches a protected location.
    """
    with recorded(store, actor, Action.REGISTER_PLACES, subject=str(place_id)) as recording:
        connection = recording.connection
        hold_protected(connection)
        version = stored.draw_boundary(
            connection, place_id, checked_boundary(boundary), origin=origin, actor=actor.person
        )
        _stop_if_hidden(connection, place_id)
        return version


def boundary_around(store: Store, actor: Actor, point: str, radius_m: float) -> Polygon:
    """The disc around a typed point, in storage metres.

    Raises
    ------
    RefusedInput
        If the point cannot be read.
    """
    typed = read_typed_point(store, actor, point)
    x, y = transform_points([typed.longitude], [typed.latitude], from_epsg=DEGREES, to_epsg=storage_epsg())
    return checked_boundary(shapely.Point(x[0], y[0]).buffer(radius_m))


def boundary_of_corners(store: Store, actor: Actor, text: str) -> Polygon:
    """The polygon of typed corners, one a line, in storage metres.

    Raises
    ------
    RefusedInput
        If a line is no point, there are fewer than three, or the lines between them cross.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 3:
        raise RefusedInput("Give at least three corners, one on each line, in the order in which one would walk them.")
    corners = []
    for number, line in enumerate(lines, start=1):
        try:
            corners.append(read_typed_point(store, actor, line))
        except RefusedInput as refusal:
            raise RefusedInput(f"Corner {number}: {refusal}") from refusal
    xs, ys = transform_points(
        [corner.longitude for corner in corners],
        [corner.latitude for corner in corners],
        from_epsg=DEGREES,
        to_epsg=storage_epsg(),
    )
    drawn = Polygon(list(zip(xs, ys, strict=True)))
    if not drawn.is_valid:
        raise RefusedInput(
            "The lines between these corners cross. Give them in the order in which one would walk them."
        )
    return checked_boundary(drawn)


def boundary_of_geojson(content: bytes) -> BaseGeometry:
    """The polygons of a GeoJSON file together, in storage metres.

    Raises
    ------
    RefusedInput
        If it is too large, no GeoJSON, holds no polygon, or its coordinates are not degrees.
    """
    if len(content) > MOST_GEOJSON_BYTES:
        raise RefusedInput("This file is larger than 2 MB. Save only the outline of this one place.")
    try:
        shapes = [shape(dict(one)) for one in _geometries(json.loads(content))]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError) as fault:
        raise RefusedInput("This is not a GeoJSON file that can be read. Export it again from the GIS.") from fault
    polygons = [one for one in shapes if one.geom_type in {"Polygon", "MultiPolygon"} and not one.is_empty]
    if not polygons:
        raise RefusedInput("There is no polygon in this file. A boundary needs an area, not points or lines.")
    merged = shapely.union_all(shapely.make_valid(polygons))
    west, south, east, north = merged.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise RefusedInput("The coordinates of this file are not longitude and latitude. Export it as EPSG:4326.")

    def to_metres(xy: Any) -> Any:
        xs, ys = transform_points(xy[:, 0], xy[:, 1], from_epsg=DEGREES, to_epsg=storage_epsg())
        return shapely.get_coordinates(shapely.points(xs, ys))

    return checked_boundary(shapely.transform(shapely.force_2d(merged), to_metres))


def _geometries(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if document["type"] == "FeatureCollection":
        return [feature["geometry"] for feature in document["features"] if feature.get("geometry")]
    return [document["geometry"] if document["type"] == "Feature" else document]


def checked_boundary(boundary: Drawn) -> Drawn:
    """The boundary, if it can be one.

    Raises
    ------
    RefusedInput
        If it is no area, lies off the land, or is larger or smaller than a place is.
    """
    if boundary.is_empty or boundary.geom_type not in {"Polygon", "MultiPolygon"}:
        raise RefusedInput("A boundary needs an area, not points or lines. Draw the outline of the place.")
    if not all(abs(bound) < 1e7 for bound in boundary.bounds):
        raise RefusedInput("This boundary lies off the land this product is set up for. Check its coordinates.")
    if boundary.area > LARGEST_KM2 * 1e6:
        raise RefusedInput(
            f"This boundary holds {boundary.area / 1e6:,.0f} km². A place is at most {LARGEST_KM2:g} km²; "
            "wards and towns are loaded as areas."
        )
    if boundary.area < SMALLEST_M2:
        raise RefusedInput("This boundary has hardly any area. Give its corners, or a point and a larger radius.")
    return boundary


def neutral_name(text: str) -> str:
    """A name as it is kept.

    Raises
    ------
    RefusedInput
        If it holds personal details.
    """
    masked = mask_personal_details(" ".join(text.split()), is_location=True)
    if masked.found:
        raise RefusedInput(f"A place's name holds no personal details; here: {', '.join(masked.found)}. Take it out.")
    return masked.text[:LONGEST_NAME]


def _stop_if_hidden(connection: Connection, place_id: UUID) -> None:
    if hidden_places.is_hidden(connection, place_id):
        raise RefusedInput(
            "This place touches a protected location or bears the name of one, and those are never drawn or named. "
            "Draw a boundary that stays clear of it, choose another name, or ask a data steward."
        )
