"""``cs-geo retention``, ``hold`` and ``erase``: what is kept how long, against every rule, and not at all."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cs_geo.cli.people import COMMAND_LINE
from cs_geo.cli.saying import counted, say, say_document
from cs_geo.dates import format_day
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.store.retention import Removed
from cs_geo.workflows import erase_others, erase_report, hold_records
from cs_geo.workflows.retention_rules import Rule
from cs_geo.workflows.run_retention import run_retention

app = typer.Typer(help="Remove what has been kept for as long as the rules allow.", no_args_is_help=True)
hold_app = typer.Typer(help="Keep records against every rule, for a court or an inquiry.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def retention() -> None:
    """Remove what has been kept for as long as the rules allow."""


@app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go, and remove nothing.")] = False,
    certificate: Annotated[
        Path | None, typer.Option(help="Where to write the certificate; in the home folder, unless given.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Apply the rules of retention, and write a certificate of it."""
    settings = get_settings()
    done = run_retention(open_store(settings), COMMAND_LINE, settings, dry_run=dry_run, certificate=certificate)
    if json_output:
        say_document(done.to_json())
        return
    for rule, removed in done.done:
        say(_in_words(rule, removed, dry_run=dry_run))
    if dry_run:
        say("This was a dry run: nothing was removed.")
    else:
        say(f"The certificate is in {done.certificate}. It is row {done.audit_number:,} of the audit log.")


@hold_app.command("add")
def add(
    reason: Annotated[str, typer.Option(help="A code of data/codelists/hold_reason.csv.")],
    report: Annotated[str, typer.Option(help="Reference of a report.")] = "",
    place: Annotated[str, typer.Option(help="Name of a registered place: all that lies there or names it.")] = "",
    of_import: Annotated[UUID | None, typer.Option("--import", help="Identifier of an import: all it brought.")] = None,
    json_output: Json = False,
) -> None:
    """Hold one report, one place or one import."""
    hold = hold_records.add_hold(
        open_store(get_settings()), COMMAND_LINE, reason=reason, report=report, place=place, of_import=of_import
    )
    if json_output:
        say_document({"hold": hold})
    else:
        say(f"Hold {hold} stands. Nothing it covers is removed until it is ended.")


@hold_app.command("end")
def end(hold: Annotated[UUID, typer.Argument(metavar="HOLD", help="Identifier of the hold.")]) -> None:
    """End a hold. What was due meanwhile goes at the next run."""
    hold_records.end_hold(open_store(get_settings()), COMMAND_LINE, hold)
    say(f"Hold {hold} has ended.")


@hold_app.command("list")
def list_holds(json_output: Json = False) -> None:
    """List every hold, those that stand first."""
    holds = hold_records.list_holds(open_store(get_settings()), COMMAND_LINE)
    if json_output:
        say_document(
            {
                "holds": [
                    {
                        "hold": one.hold_id,
                        "scope": one.scope,
                        "name": one.name,
                        "reason": one.reason,
                        "set_at": one.set_at,
                        "set_by": one.set_by,
                        "ended_at": one.ended_at,
                    }
                    for one in holds
                ]
            }
        )
        return
    if not holds:
        say("There is no hold.")
    for one in holds:
        until = f"ended on {format_day(one.ended_at.date())}" if one.ended_at else "stands"
        say(f"{one.hold_id}  {one.scope} {one.name}: {one.reason}, since {format_day(one.set_at.date())}, {until}")


def erase(
    reference: Annotated[str, typer.Argument(help="Reference of the report, such as 4KM-7PXC.")],
    reason: Annotated[str, typer.Option(help="A code of data/codelists/erasure_reason.csv.")],
    json_output: Json = False,
) -> None:
    """Erase one report from every table. There is no way back."""
    done = erase_report.erase_report(open_store(get_settings()), COMMAND_LINE, reference, reason=reason)
    if json_output:
        say_document(
            {
                "reference": done.reference,
                "reason": done.reason,
                "versions": done.erased.versions,
                "hotspot_runs": done.erased.runs,
                "rejected_rows": done.erased.rejects,
                "exports_since": done.exports,
                "audit_row": done.audit_number,
            }
        )
        return
    say(
        f"{done.reference} is erased: {counted(done.erased.versions, 'version')}, "
        f"{counted(done.erased.rejects, 'rejected row')}, {counted(done.erased.runs, 'run')} of the hotspot search."
    )
    if done.exports:
        say(f"It may stand in {counted(done.exports, 'export')} written since it was recorded. Ask who holds them.")
    say("Backups made before hold it still. Delete them in their turn.")


def erase_place(
    name: Annotated[str, typer.Argument(help="Name of the place, as it stands in the register.")],
    reason: Annotated[str, typer.Option(help="A code of data/codelists/erasure_reason.csv.")],
) -> None:
    """Erase a place with its names and boundaries. Reports stay where they lie. There is no way back."""
    done = erase_others.erase_place(open_store(get_settings()), COMMAND_LINE, name, reason=reason)
    say(
        f"The place is erased: {counted(done.boundaries, 'boundary', 'boundaries')}, and its link with "
        f"{counted(done.links, 'report or session', 'reports and sessions')}, which stay and name what was written."
    )


def erase_person(
    issuer: Annotated[str, typer.Option(help="Who vouches for them, as in `cs-geo people list`.")],
    subject: Annotated[str, typer.Option(help="Their identifier there.")],
    reason: Annotated[str, typer.Option(help="A code of data/codelists/erasure_reason.csv.")],
) -> None:
    """Erase who a person of the program was. What they did stays written down, under a pseudonym."""
    person_id = erase_others.erase_person(open_store(get_settings()), COMMAND_LINE, issuer, subject, reason=reason)
    say(f"Erased. What they did stays written down as {person_id}.")


def _in_words(rule: Rule, removed: Removed, *, dry_run: bool) -> str:
    if rule.happens == "kept":
        return f"{rule.rule}: {counted(removed.kept, 'row')} kept."
    done = f"would be {rule.happens}" if dry_run else rule.happens
    versions = f" and {counted(removed.versions, 'version')}" if removed.versions else ""
    held = f"; {removed.held:,} under a legal hold" if removed.held else ""
    return f"{rule.rule} ({rule.after}): {counted(removed.records, 'record')}{versions} {done}{held}."
