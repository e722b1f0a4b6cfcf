"""``cs-geo hotspots``: where reports of a kind are concentrated."""

from datetime import date, datetime
from typing import Annotated

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.saying import counted, end_progress, say, say_document, say_progress
from cs_geo.dates import format_window
from cs_geo.errors import UsageError
from cs_geo.hotspots.parameters import MIN_REPORTS, RADIUS_M, HotspotParameters
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows.find_hotspots import NOT_TESTED, FoundHotspots, run_hotspots, to_document

SHOWN = 15
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day, such as 2026-09-01.")]


def hotspots(
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="incident, concern, outreach or strength; one run each.")
    ] = None,
    area: Annotated[str | None, typer.Option(help="Reference of a loaded ward, LSOA or district.")] = None,
    radius_m: Annotated[float, typer.Option(help="Reports within this distance are neighbours.")] = RADIUS_M,
    min_reports: Annotated[int, typer.Option(help="Neighbours that make a place part of a hotspot.")] = MIN_REPORTS,
    published: Annotated[
        bool, typer.Option("--published", help="Published police data (all recorded crime, all ages) instead.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="A GeoJSON FeatureCollection with the runs.")] = False,
) -> None:
    """Find where reports are concentrated, one run per kind (incidents and concerns, unless told otherwise)."""
    selection = Selection(
        since=_day(since), until=_day(until), kinds=read_kinds(kind or []), area=area, published=published
    )
    if selection.published and not selection.kinds:
        selection = Selection(since=_day(since), until=_day(until), kinds=(Kind.INCIDENT,), area=area, published=True)
    try:
        found = run_hotspots(
            open_store(get_settings()),
            LOCAL_ACTOR,
            selection,
            HotspotParameters(radius_m=radius_m, min_reports=min_reports),
            progress=say_progress,
        )
    finally:
        end_progress()
    if json_output:
        say_document(to_document(found))
    else:
        for one in found:
            _say_run(one)


def read_kinds(names: list[str]) -> tuple[Kind, ...]:
    """Kinds by name, without repeats."""
    try:
        return tuple(dict.fromkeys(Kind(name) for name in names))
    except ValueError as fault:
        raise UsageError(f"“{fault.args[0].split(chr(39))[1]}” is no kind. Use {', '.join(Kind)}.") from fault


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _say_run(found: FoundHotspots) -> None:
    run, hotspots = found.run, found.hotspots
    shapes = hotspots[~hotspots["at_one_spot"].astype(bool)]
    say(
        f"{run.kind.capitalize()} reports, {format_window(run.selection.since, run.selection.until)}: "
        f"{counted(len(shapes), 'hotspot')}, {len(hotspots) - len(shapes):,} with reports at one spot. {NOT_TESTED}"
    )
    for message in run.messages:
        say(f"  {message}")
    for row in hotspots.head(SHOWN).itertuples():
        say(
            f"  {row.rank:>3}  {row.label}: {counted(row.reports_n, 'report')} at {counted(row.places_n, 'point')} "
            f"on {counted(row.days_n, 'day')} from {counted(row.sources_n, 'source')}"
        )
    if len(hotspots) > SHOWN:
        say(f"  … and {len(hotspots) - SHOWN} more; see them all with --json or on the map.")
