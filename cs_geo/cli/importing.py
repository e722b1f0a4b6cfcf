"""``cs-geo import``, ``imports`` and ``geocode``: reports in, an upload undone, locations tried again."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.saying import counted, end_progress, say, say_document, say_progress
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows import place_reports, undo_imports
from cs_geo.workflows.import_reports import ImportRequest, command_limits, import_files
from cs_geo.workflows.imported import ImportOutcome

imports_app = typer.Typer(help="What has been imported.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


def import_command(
    files: Annotated[list[Path], typer.Argument(help="CSV, TSV, Excel, OpenDocument, zip or gz.")],
    source: Annotated[str, typer.Option(help="Who sent it, such as “Harbour Street School”.")],
    mapping: Annotated[str | None, typer.Option(help="Name of the mapping; recognised by its columns.")] = None,
    kind: Annotated[str, typer.Option(help="Kind of reports where the file does not say.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and keep nothing.")] = False,
    rejects: Annotated[Path | None, typer.Option(help="Write rejected rows to this file, to be mended.")] = None,
    json_output: Json = False,
) -> None:
    """Import reports or effort sessions; every row is created, updated, a duplicate or rejected."""
    settings = get_settings()
    request = ImportRequest(tuple(files), source, mapping=mapping, kind=kind, dry_run=dry_run)
    try:
        outcome = import_files(
            open_store(settings),
            LOCAL_ACTOR,
            request,
            limits=command_limits(settings),
            progress=say_progress,
            rejects_to=rejects,
        )
    finally:
        end_progress()
    if json_output:
        say_document(outcome.to_json())
    else:
        say_outcome(outcome, rejects)
    if outcome.all_rejected:
        raise typer.Exit(RefusedInput.exit_code)


def say_outcome(outcome: ImportOutcome, rejects: Path | None = None) -> None:
    """Say what an import did, in a few sentences."""
    would = "would be " if outcome.dry_run else ""
    say(
        f"{counted(outcome.read, 'row')} read from {outcome.source} ({outcome.mapping}): "
        f"{outcome.created:,} {would}created, {outcome.updated:,} {would}updated, "
        f"{counted(outcome.duplicate, 'duplicate')}, {outcome.rejected:,} rejected."
    )
    written = outcome.created + outcome.updated
    if written:
        beyond = f"; {outcome.outside:,} lie outside the study area" if outcome.outside else ""
        say(f"{outcome.matched - outcome.outside:,} of {written:,} {would}placed on the map{beyond}.")
    for caution in outcome.cautions:
        say(caution)
    for note in outcome.notes:
        say(note)
    for issue in outcome.issues[:20]:
        say(
            f"  {issue.file}, line {issue.first_line} ({counted(issue.rows_n, 'row')}), {issue.column}: "
            f"{issue.message} {issue.remedy}"
        )
    if len(outcome.issues) > 20:
        say(f"  … and {len(outcome.issues) - 20} more kinds of issue; see them all with --json.")
    if outcome.rejected and rejects:
        say(f"The rejected rows are in {rejects}: mend them there and import that file.")
    elif outcome.rejected:
        say("Write the rejected rows to a file with --rejects FILE, mend them there and import that file.")
    if outcome.import_id and not outcome.all_rejected:
        say(f"Undo this import with `cs-geo imports undo {outcome.import_id}`.")


@imports_app.command("list")
def list_imports(json_output: Json = False) -> None:
    """List the newest imports."""
    records = undo_imports.list_imports(open_store(get_settings()), LOCAL_ACTOR)
    if json_output:
        say_document(
            {
                "imports": [
                    {
                        "import_id": one.import_id,
                        "source": one.source,
                        "mapping": one.mapping,
                        "state": one.state,
                        "started_at": one.started_at,
                        "files": one.files,
                        "read": one.read,
                        "created": one.created,
                        "updated": one.updated,
                        "duplicate": one.duplicate,
                        "rejected": one.rejected,
                        "matched": one.matched,
                        "issues": one.issues,
                    }
                    for one in records
                ]
            }
        )
        return
    if not records:
        say("Nothing has been imported yet. Begin with `cs-geo import FILE --source NAME`.")
    for one in records:
        undone = ", undone" if one.state == "undone" else ""
        say(
            f"{one.import_id}  {one.started_at:%Y-%m-%d %H:%M}  {one.source}: {one.read:,} read, "
            f"{one.created:,} created, {one.updated:,} updated, {one.duplicate:,} duplicates, "
            f"{one.rejected:,} rejected{undone}"
        )


@imports_app.command("undo")
def undo(
    import_id: Annotated[str, typer.Argument(help="From `cs-geo imports list`.")], json_output: Json = False
) -> None:
    """Withdraw what an import created and restore what it replaced; what people have edited since stays."""
    try:
        wanted = UUID(import_id)
    except ValueError as fault:
        raise UsageError("This is no import's identifier. Look it up with `cs-geo imports list`.") from fault
    undone = undo_imports.undo_import(open_store(get_settings()), LOCAL_ACTOR, wanted)
    if json_output:
        say_document(
            {
                "import_id": wanted,
                "withdrawn": undone.withdrawn,
                "restored": undone.restored,
                "kept": undone.kept,
                "waiting": undone.waiting,
            }
        )
        return
    if undone.kept and not undone.withdrawn and not undone.restored:
        raise RefusedInput(f"Nothing was undone. {undo_imports.kept_in_words(undone)}")
    say(f"{counted(undone.withdrawn, 'record')} withdrawn, {undone.restored:,} restored.")
    if undone.kept:
        say(undo_imports.kept_in_words(undone))


def geocode(
    text: Annotated[str | None, typer.Argument(help="A location to look up, as a partner would write it.")] = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Put unmatched and doubtful reports to the geocoder again.")
    ] = (False),
    json_output: Json = False,
) -> None:
    """Look a location up, try unmatched reports again, or say how many need a person."""
    store = open_store(get_settings())
    if text:
        match = place_reports.look_up(store, LOCAL_ACTOR, text)
        if json_output:
            say_document(match.to_json())
        else:
            say(match.sentence())
        return
    placed = place_reports.try_again(store, LOCAL_ACTOR, progress=say_progress) if retry else None
    end_progress()
    rate = place_reports.match_rate(store, LOCAL_ACTOR)
    if json_output:
        say_document({"placed": placed, **rate.to_json()})
        return
    if placed is not None:
        say(f"{counted(placed, 'record')} placed that had no certain point before.")
    say(rate.sentence())
