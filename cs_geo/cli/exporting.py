"""``cs-geo export``: the location database, for a GIS, a spreadsheet or another program."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.hotspotting import read_kinds
from cs_geo.cli.saying import say, say_document
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows.export_locations import export_locations


def export(
    path: Annotated[Path, typer.Argument(help="Ends in .gpkg, .geojson, .parquet, .csv, .xlsx or .zip (all of them).")],
    tier: Annotated[str, typer.Option(help="internal; partner and public are not available yet.")],
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="incident, concern, outreach or strength.")] = None,
    area: Annotated[str | None, typer.Option(help="Reference of a loaded area.")] = None,
    purpose: Annotated[str, typer.Option(help="What it is for; kept with the record of the export.")] = "",
    json_output: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Write reports, places and hotspots with a data dictionary and the caveats inside."""
    selection = Selection(
        since=since.date() if since else None,
        until=until.date() if until else None,
        kinds=read_kinds(kind or []),
        area=area,
    )
    written = export_locations(
        open_store(get_settings()), LOCAL_ACTOR, path, tier=tier, selection=selection, purpose=purpose
    )
    if json_output:
        say_document({"files": written.files, "rows": dict(written.rows), "tier": tier})
        return
    rows = ", ".join(f"{number:,} {table}" for table, number in written.rows.items())
    say(f"Written: {', '.join(str(file) for file in written.files)} ({rows}).")
