"""The command line: the same workflows as the pages, with words for people and ``--json`` for programs.

Exit codes: 0 done, 1 refused input, 2 usage, 3 not available here or not yet.
"""

import sys

import typer

from cs_geo.cli import database, exporting, hotspotting, importing, links, people, retention, serving, site_data
from cs_geo.errors import UserError

INTERRUPTED = 130
"""Exit code of a command that was stopped with Ctrl+C, by the custom of shells."""

app = typer.Typer(
    name="cs-geo",
    help="Location-risk mapping for contextual safeguarding: reports in, hotspots on a map, a location database out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(database.app, name="db")
app.add_typer(site_data.areas_app, name="areas")
app.add_typer(site_data.calendar_app, name="calendar")
app.add_typer(site_data.gazetteer_app, name="gazetteer")
app.add_typer(site_data.basemap_app, name="basemap")
app.add_typer(site_data.baseline_app, name="baseline")
app.add_typer(site_data.places_app, name="places")
app.add_typer(site_data.protected_app, name="protected")
app.add_typer(importing.imports_app, name="imports")
app.add_typer(people.app, name="people")
app.add_typer(links.app, name="link")
app.add_typer(people.audit_app, name="audit")
app.add_typer(retention.app, name="retention")
app.add_typer(retention.hold_app, name="hold")
app.command("demo")(serving.demo)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.command("import")(importing.import_command)
app.command("geocode")(importing.geocode)
app.command("hotspots")(hotspotting.hotspots)
app.command("erase")(retention.erase)
site_data.places_app.command("erase")(retention.erase_place)
people.app.command("erase")(retention.erase_person)
app.command("export")(exporting.export)


def run() -> None:
    """Run a command; a person's mistake ends in a sentence and an exit code, never in a traceback."""
    try:
        app()
    except UserError as refusal:
        typer.echo(str(refusal), err=True)
        sys.exit(refusal.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was changed by what was under way.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    run()
