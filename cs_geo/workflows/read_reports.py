"""Opening one report: by its identifier or by the reference said on the phone, with where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.dates import format_day
from cs_geo.errors import RefusedInput
from cs_geo.reports.reference import read_reference
from cs_geo.store import report_details as details
from cs_geo.store import reports as stored
from cs_geo.store.erasing import find_tombstone
from cs_geo.store.imports import read_rejects
from cs_geo.store.opening import Store
from cs_geo.store.sources import list_source_names
from cs_geo.workflows.import_cautions import alike
from cs_geo.workflows.imported import Reject
from cs_geo.workflows.recording import looked_at, permit


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report in full: its fields (``cs_geo.store.reports.FULL``), where it came from, and its versions."""

    report: Mapping[str, Any]
    provenance: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]


def find_by_reference(store: Store, actor: Actor, typed: str) -> UUID:
    """The report with a reference as it was typed or heard.

    Raises
    ------
    RefusedInput
        If it is no reference, or no current report has it.
    """
    permit(store, actor, Action.VIEW_REPORTS)
    reference = read_reference(typed)
    with looked_at(store, actor, Action.VIEW_REPORTS, subject="reference") as connection:
        found = stored.find_reference(connection, reference)
        tombstone = find_tombstone(connection, reference) if found is None else None
        if tombstone is not None:
            raise RefusedInput(f"{reference} was erased on {format_day(tombstone.erased_at.date())}.")
        if found is None or stored.read_report(connection, found) is None:
            raise RefusedInput(
                f"There is no report {reference} to show. It may have been withdrawn with its import, or lie where "
                "nothing is listed. Ask for the reference again, or ask a data steward."
            )
    return found


def open_report(store: Store, actor: Actor, report_id: UUID) -> OpenReport | None:
    """One report with its source and history; None when it is no longer current."""
    with looked_at(store, actor, Action.VIEW_REPORTS, subject=str(report_id)) as connection:
        report = stored.read_report(connection, report_id)
        provenance = details.read_provenance(connection, report_id)
        if report is None or provenance is None:
            return None
        return OpenReport(
            dict(report), dict(provenance), [dict(row) for row in details.read_history(connection, report_id)]
        )


def source_names(store: Store, actor: Actor) -> list[str]:
    """The names of those who have sent reports, to choose from."""
    require(actor, Action.VIEW_REPORTS)
    with store.begin(actor) as connection:
        return list_source_names(connection)


def similar_sources(store: Store, actor: Actor, name: str) -> list[str]:
    """Names of known sources that a name may stand for, the likeliest first."""
    return alike(name, source_names(store, actor))


def rejected_rows(store: Store, actor: Actor, import_id: UUID) -> list[Reject]:
    """Rejected rows of an import that have not expired."""
    with looked_at(store, actor, Action.IMPORT_REPORTS, subject=str(import_id)) as connection:
        return [Reject(*row) for row in read_rejects(connection, import_id)]
