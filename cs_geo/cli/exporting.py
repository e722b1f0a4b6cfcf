"""``cs-geo export``: what a tier may have, for a GIS, a spreadsheet or another program."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cs_geo.access.actor import LOCAL_ACTOR, Tier
from cs_geo.cli.hotspotting import read_kinds
from cs_geo.cli.saying import say, say_document
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows.export_locations import export_locations
from cs_geo.workflows.export_released import ReleaseRequest, export_release, read_tier
from cs_geo.workflows.standing_purposes import find_standing, keep_standing


def export(
    path: Annotated[
        Path,
        typer.Argument(
            help="Ends in .gpkg, .geojson, .parquet, .csv, .xlsx, .zip (all of them) or, for a partner, .shp."
        ),
    ],
    tier: Annotated[
        str, typer.Option(help="internal: exact; partner: counts by 50 m cell; public: tables by area and quarter.")
    ],
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="incident, concern, outreach or strength.")] = None,
    area: Annotated[str | None, typer.Option(help="Reference of a loaded area.")] = None,
    purpose: Annotated[str, typer.Option(help="What it is for; kept with the record of the export.")] = "",
    recipient: Annotated[str, typer.Option(help="For a partner: whom it is for; stands in every table.")] = "",
    expires: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="For a partner: the day by which it is to be deleted."),
    ] = None,
    standing: Annotated[
        str, typer.Option(help="A standing purpose of yours by its words, in place of --purpose and --recipient.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Let the purpose stand for 90 days.")] = False,
    level: Annotated[str, typer.Option(help="For the public: district, ward or lsoa.")] = "ward",
    json_output: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Write what one tier may have, with a data dictionary and the caveats inside."""
    selection = Selection(
        since=since.date() if since else None,
        until=until.date() if until else None,
        kinds=read_kinds(kind or []),
        area=area,
    )
    store = open_store(get_settings())
    asked = read_tier(tier)
    left_out: tuple[str, ...] = ()
    stands = ""
    if standing:
        found = find_standing(store, LOCAL_ACTOR, asked, standing)
        purpose, recipient, stands = found.purpose, found.recipient, str(found.standing_id)
    elif keep:
        stands = str(keep_standing(store, LOCAL_ACTOR, asked, purpose, recipient))
    if asked is Tier.INTERNAL:
        internal = export_locations(store, LOCAL_ACTOR, path, selection=selection, purpose=purpose, standing=stands)
        files, counts = internal.files, dict(internal.rows)
    else:
        request = ReleaseRequest(
            asked,
            selection,
            today=datetime.now(ZoneInfo(get_settings().zone)).date(),
            purpose=purpose,
            recipient=recipient,
            expires_on=expires.date() if expires else None,
            level=level,
            standing=stands,
        )
        released = export_release(store, LOCAL_ACTOR, path, request)
        files, counts, left_out = released.files, dict(released.rows), released.preview.effects
    if json_output:
        say_document({"files": files, "rows": counts, "tier": tier, "left_out": list(left_out)})
        return
    rows = ", ".join(f"{number:,} {table}" for table, number in counts.items())
    say(f"Written: {', '.join(str(file) for file in files)} ({rows}).")
    for line in left_out:
        say(line)
