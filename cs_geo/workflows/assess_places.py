"""Neighbourhood assessments: begun on the present boundary of a place, run again at a review, closed once."""

from collections.abc import Sequence
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action
from cs_geo.errors import RefusedInput
from cs_geo.store import assessments as stored
from cs_geo.store.assessments import Assessment
from cs_geo.store.opening import Store
from cs_geo.workflows.recording import looked_at, recorded

NO_ASSESSMENT = "This assessment is not open to you, or does not exist."


def begin_assessment(
    store: Store, actor: Actor, place_id: UUID, *, case_id: UUID | None = None, repeats: UUID | None = None
) -> UUID:
    """Begin an assessment; it stays on the boundary that the place has now, or on that of the one it runs again.

    Raises
    ------
    RefusedInput
        If the place has no boundary yet, or the assessment to be run again is not of this place.
    """
    with recorded(store, actor, Action.ASSESS) as recording:
        connection = recording.connection
        version = stored.present_boundary_version(connection, place_id)
        if repeats is not None:
            earlier = stored.read_assessment(connection, repeats)
            if earlier is None or earlier.place_id != place_id:
                raise RefusedInput("The assessment to be run again is not one of this place. Choose one of its own.")
            version = earlier.boundary_version
        if version is None:
            raise RefusedInput("This place has no boundary yet. Draw it first: an assessment stays on one boundary.")
        assessment_id = stored.add_assessment(
            connection, place_id, boundary_version=version, case_id=case_id, repeats=repeats, actor=actor.person
        )
        recording.subject = str(assessment_id)
    return assessment_id


def list_assessments(
    store: Store, actor: Actor, *, place_id: UUID | None = None, case_id: UUID | None = None
) -> Sequence[Assessment]:
    """Assessments of a place or a case, or all of them, the newest first."""
    with looked_at(
        store, actor, Action.VIEW_ASSESSMENT, subject=str(place_id or case_id or "assessments")
    ) as connection:
        return stored.list_assessments(connection, place_id=place_id, case_id=case_id)


def close_assessment(store: Store, actor: Actor, assessment_id: UUID) -> bool:
    """Close an assessment; False when it is closed already."""
    with recorded(store, actor, Action.ASSESS, subject=str(assessment_id), details={"closed": True}) as recording:
        return stored.close_assessment(recording.connection, assessment_id, actor=actor.person)
