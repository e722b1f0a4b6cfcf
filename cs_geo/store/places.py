"""The place register: neutral names, aliases and versioned boundaries, with the reports inside or naming each place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from cs_geo.errors import RefusedInput
from cs_geo.settings import get_settings
from cs_geo.store.hidden_places import HIDDEN_PLACES

PRESENT_BOUNDARY = """
    LEFT JOIN LATERAL (
        SELECT geom, version, origin FROM cs_geo.place_boundaries
        WHERE place_id = p.place_id ORDER BY version DESC LIMIT 1) AS b ON true
"""


@dataclass(frozen=True, slots=True)
class PlaceSummary:
    """A place with the counts of what is known of it, kinds apart."""

    place_id: UUID
    name: str
    place_type: str
    manager_role: str
    aliases: tuple[str, ...]
    boundary_version: int | None
    incidents: int
    concerns: int
    outreach: int
    strengths: int
    sources: int
    sessions: int
    last_day: date | None


def add_place(
    connection: Connection,
    *,
    name: str,
    place_type: str,
    manager_role: str = "",
    aliases: Iterable[tuple[str, str]],
    boundary: BaseGeometry | None,
    origin: str,
    actor: str,
) -> UUID:
    """Register a place. ``aliases`` are names with their normalised spelling and hold the name itself.

    Raises
    ------
    RefusedInput
        If a place of that name is registered already.
    """
    place_id: UUID | None = connection.scalar(
        text("""
        INSERT INTO cs_geo.places (name, place_type, manager_role, created_by)
        VALUES (:name, :type, :role, :actor) ON CONFLICT (name) DO NOTHING RETURNING place_id
        """),
        {"name": name, "type": place_type, "role": manager_role, "actor": actor},
    )
    if place_id is None:
        raise RefusedInput(f"A place named “{name}” is registered already. Open it, or choose another name.")
    for alias, norm in aliases:
        connection.execute(
            text("""
            INSERT INTO cs_geo.place_aliases (place_id, alias, alias_norm) VALUES (:place, :alias, :norm)
            ON CONFLICT DO NOTHING
            """),
            {"place": place_id, "alias": alias, "norm": norm},
        )
    if boundary is not None:
        draw_boundary(connection, place_id, boundary, origin=origin, actor=actor)
    return place_id


def draw_boundary(connection: Connection, place_id: UUID, boundary: BaseGeometry, *, origin: str, actor: str) -> int:
    """Give a place a new boundary; the earlier versions stay."""
    version = connection.scalar(
        text("""
        INSERT INTO cs_geo.place_boundaries (place_id, version, origin, drawn_by, geom)
        SELECT :place, 1 + coalesce(max(version), 0), :origin, :actor,
            ST_Multi(ST_CollectionExtract(ST_MakeValid(ST_GeomFromWKB(:geom, :srid)), 3))
        FROM cs_geo.place_boundaries WHERE place_id = :place
        RETURNING version
        """),
        {
            "place": place_id,
            "origin": origin,
            "actor": actor,
            "geom": shapely.to_wkb(boundary),
            "srid": get_settings().storage_epsg,
        },
    )
    return int(version or 0)


def has_place(connection: Connection, name: str) -> bool:
    """Is a place of that name registered?"""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT 1 FROM cs_geo.places WHERE name = :n)"), {"n": name}))


def unlinked_names(connection: Connection) -> list[str]:
    """Every distinct place name or location text of reports and effort sessions that are not linked to a place."""
    rows = connection.scalars(
        text("""
        SELECT DISTINCT named FROM (
            SELECT unnest(ARRAY[place_named, location_text]) AS named FROM cs_geo.reports
            WHERE place_id IS NULL AND NOT published
            UNION ALL
            SELECT unnest(ARRAY[place_named, location_text]) FROM cs_geo.effort_sessions WHERE place_id IS NULL) AS n
        WHERE named <> ''
        """)
    )
    return [str(row) for row in rows]


def link_by_name(connection: Connection, named: Mapping[str, UUID]) -> int:
    """Link reports and effort sessions whose place name or location text is one of these; how many records were."""
    linked = 0
    for table in ("reports", "effort_sessions"):
        linked += connection.execute(
            text(f"""
            UPDATE cs_geo.{table} r SET place_id = n.place_id
            FROM unnest(CAST(:names AS text[]), CAST(:places AS uuid[])) AS n (named, place_id)
            WHERE r.place_id IS NULL AND n.named IN (r.place_named, r.location_text)
            """),
            {"names": list(named), "places": list(named.values())},
        ).rowcount
    return linked


def registered_names(connection: Connection) -> dict[str, UUID]:
    """Normalised name or alias of every registered place; a name that two places share is left out.

    Of hidden ones too: what names one must be known, to be withheld.
    """
    rows = connection.execute(
        text("""
        SELECT alias_norm, (array_agg(place_id))[1] FROM cs_geo.place_aliases
        GROUP BY alias_norm HAVING count(*) = 1
        """)
    )
    return {row[0]: row[1] for row in rows}


def registered_points(connection: Connection) -> dict[UUID, tuple[str, float, float, float]]:
    """Of every place with a boundary, unless hidden: name, a point inside in storage metres and how far it reaches."""
    rows = connection.execute(
        text(f"""
        SELECT p.place_id, p.name, ST_X(c), ST_Y(c), ST_MaxDistance(c, geom) FROM (
            SELECT p.place_id, p.name, b.geom, ST_PointOnSurface(b.geom) AS c
            FROM cs_geo.places p {PRESENT_BOUNDARY}
            WHERE NOT ST_IsEmpty(b.geom) AND p.place_id NOT IN {HIDDEN_PLACES}) AS p
        """)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def list_places(connection: Connection) -> list[PlaceSummary]:
    """Every place that is not hidden, with its counts.

    A report concerns a place when it names it, however vaguely, or lies inside its present boundary.
    """
    rows = connection.execute(
        text(f"""
        SELECT p.place_id, p.name, p.place_type, p.manager_role,
            (SELECT array_agg(alias ORDER BY alias) FROM cs_geo.place_aliases a
                WHERE a.place_id = p.place_id AND a.alias <> p.name) AS aliases,
            b.version, c.incidents, c.concerns, c.outreach, c.strengths, c.sources, e.sessions, c.last_day
        FROM cs_geo.places p {PRESENT_BOUNDARY}
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE kind = 'incident') AS incidents,
                count(*) FILTER (WHERE kind = 'concern') AS concerns,
                count(*) FILTER (WHERE kind = 'outreach') AS outreach,
                count(*) FILTER (WHERE kind = 'strength') AS strengths,
                count(DISTINCT source_type) AS sources, max(first_day) AS last_day
            FROM cs_geo.reports r
            WHERE (r.place_id = p.place_id
                    OR (r.geom && b.geom AND ST_Covers(b.geom, r.geom) AND r.match_precision NOT IN ('area', 'none')))
                AND NOT published AND NOT in_protected) AS c
        CROSS JOIN LATERAL (
            SELECT count(*) AS sessions FROM cs_geo.effort_sessions s
            WHERE (s.place_id = p.place_id OR (s.geom IS NOT NULL AND ST_Covers(b.geom, s.geom)))
                AND NOT cs_geo.lies_protected(s.geom, s.match_precision)) AS e
        WHERE p.place_id NOT IN {HIDDEN_PLACES}
        ORDER BY p.name
        """)
    )
    return [
        PlaceSummary(
            place_id=row.place_id,
            name=row.name,
            place_type=row.place_type,
            manager_role=row.manager_role,
            aliases=tuple(row.aliases or ()),
            boundary_version=row.version,
            incidents=row.incidents,
            concerns=row.concerns,
            outreach=row.outreach,
            strengths=row.strengths,
            sources=row.sources,
            sessions=row.sessions,
            last_day=row.last_day,
        )
        for row in rows
    ]


def read_boundary(connection: Connection, place_id: UUID) -> BaseGeometry | None:
    """The present boundary in storage metres; None when none has been drawn."""
    wkb: Any = connection.scalar(
        text("""
        SELECT ST_AsBinary(geom) FROM cs_geo.place_boundaries WHERE place_id = :place ORDER BY version DESC LIMIT 1
        """),
        {"place": place_id},
    )
    return shapely.from_wkb(bytes(wkb)) if wkb else None
