"""Assessments of places: begun on a frozen boundary, closed once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of one place."""

    assessment_id: UUID
    place_id: UUID
    place: str
    boundary_version: int
    case_id: UUID | None
    repeats: UUID | None
    """The one that this one runs again, at a review."""
    begun_at: datetime
    closed_at: datetime | None


ASSESSMENT = """
    SELECT a.assessment_id, a.place_id, p.name, a.boundary_version, a.case_id, a.repeats, a.begun_at, a.closed_at
    FROM cs_geo.assessments a JOIN cs_geo.places p USING (place_id)
"""


def add_assessment(
    connection: Connection,
    place_id: UUID,
    *,
    boundary_version: int,
    case_id: UUID | None,
    repeats: UUID | None,
    actor: str,
) -> UUID:
    """Begin an assessment on one version of a place's boundary."""
    assessment_id: UUID = connection.execute(
        text("""
        INSERT INTO cs_geo.assessments (place_id, boundary_version, case_id, repeats, begun_by)
        VALUES (:place, :version, :case, :repeats, :actor) RETURNING assessment_id
        """),
        {"place": place_id, "version": boundary_version, "case": case_id, "repeats": repeats, "actor": actor},
    ).scalar_one()
    return assessment_id


def list_assessments(
    connection: Connection, *, place_id: UUID | None = None, case_id: UUID | None = None
) -> list[Assessment]:
    """Assessments that the acting person may see, of a place or a case where one is named, the newest first."""
    rows = connection.execute(
        text(f"""
        {ASSESSMENT} WHERE (CAST(:place AS uuid) IS NULL OR a.place_id = :place)
            AND (CAST(:case AS uuid) IS NULL OR a.case_id = :case)
        ORDER BY a.begun_at DESC, a.assessment_id
        """),
        {"place": place_id, "case": case_id},
    )
    return [Assessment(*row) for row in rows]


def read_assessment(connection: Connection, assessment_id: UUID) -> Assessment | None:
    """One assessment; None where the acting person may not see it, or there is none."""
    row = connection.execute(text(f"{ASSESSMENT} WHERE a.assessment_id = :id"), {"id": assessment_id}).first()
    return Assessment(*row) if row else None


def present_boundary_version(connection: Connection, place_id: UUID) -> int | None:
    """The number of the newest boundary of a place; None where none is drawn."""
    version: int | None = connection.scalar(
        text("SELECT max(version) FROM cs_geo.place_boundaries WHERE place_id = :place"), {"place": place_id}
    )
    return version


def close_assessment(connection: Connection, assessment_id: UUID, *, actor: str) -> bool:
    """Close an assessment; False when it is closed already."""
    return bool(
        connection.execute(
            text("""
            UPDATE cs_geo.assessments SET closed_at = now(), closed_by = :actor
            WHERE assessment_id = :id AND closed_at IS NULL
            """),
            {"id": assessment_id, "actor": actor},
        ).rowcount
    )
