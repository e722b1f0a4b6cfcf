"""``cs-geo hotspots``: where reports of a kind are concentrated."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.saying import counted, end_progress, say, say_document, say_progress
from cs_geo.dates import format_window
from cs_geo.errors import UsageError
from cs_geo.hotspots.baselines import BaselineKind
from cs_geo.hotspots.chance import SCREENING_MAPS
from cs_geo.hotspots.chance_words import expected_words
from cs_geo.hotspots.parameters import MIN_REPORTS, RADIUS_M, HotspotParameters, Method
from cs_geo.reports.report import Kind
from cs_geo.reports.selection import Selection
from cs_geo.settings import get_settings
from cs_geo.store.opening import Store, open_store
from cs_geo.workflows.baseline_choice import BaselineChoice
from cs_geo.workflows.defend_hotspots import Defence, add_defence, defend_run, least_for, read_defence, say_defence
from cs_geo.workflows.find_hotspots import NOT_TESTED, FoundHotspots, run_hotspots, to_document
from cs_geo.workflows.load_baseline import list_loaded_baselines

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
    variable_density: Annotated[
        bool, typer.Option("--variable-density", help="HDBSCAN: for maps with a dense centre and thin edges.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            help="Test against chance: streets, past, flat, a kind of report, or the name of a population layer."
        ),
    ] = None,
    least_by_chance: Annotated[
        bool, typer.Option("--least-by-chance", help="The minimum at which half of all random maps find nothing.")
    ] = False,
    maps: Annotated[int, typer.Option(help="Random maps of the test.", min=19, max=9999)] = SCREENING_MAPS,
    json_output: Annotated[bool, typer.Option("--json", help="A GeoJSON FeatureCollection with the runs.")] = False,
) -> None:
    """Find where reports are concentrated, one run per kind (incidents and concerns, unless told otherwise)."""
    store = open_store(get_settings())
    choice = read_baseline(store, against) if against else None
    selection = Selection(
        since=_day(since), until=_day(until), kinds=read_kinds(kind or []), area=area, published=published
    )
    if selection.published and not selection.kinds:
        selection = Selection(since=_day(since), until=_day(until), kinds=(Kind.INCIDENT,), area=area, published=True)
    method = Method.VARIABLE_DENSITY if variable_density else Method.ONE_DENSITY
    parameters = HotspotParameters(radius_m=radius_m, min_reports=min_reports, method=method)
    try:
        found = []
        for one_kind in selection.kinds or (Kind.INCIDENT, Kind.CONCERN):
            chosen = replace(selection, kinds=(one_kind,))
            used = parameters
            if least_by_chance:
                least = least_for(store, LOCAL_ACTOR, chosen, parameters, choice or BaselineChoice())
                used = replace(parameters, min_reports=least)
            found += run_hotspots(store, LOCAL_ACTOR, chosen, used, progress=say_progress)
        if choice:
            for one in found:
                defend_run(store, LOCAL_ACTOR, one.run.run_id, choice, maps=maps, progress=say_progress)
    finally:
        end_progress()
    defence = read_defence(store, LOCAL_ACTOR, [one.run.run_id for one in found])
    if json_output:
        say_document(add_defence(to_document(found), defence))
    else:
        for one in found:
            _say_run(one, defence)


def read_kinds(names: list[str]) -> tuple[Kind, ...]:
    """Kinds by name, without repeats."""
    try:
        return tuple(dict.fromkeys(Kind(name) for name in names))
    except ValueError as fault:
        raise UsageError(f"“{fault.args[0].split(chr(39))[1]}” is no kind. Use {', '.join(Kind)}.") from fault


def read_baseline(store: Store, named: str) -> BaselineChoice:
    """A baseline by what it is called on the command line.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    if named in (BaselineKind.STREETS, BaselineKind.PAST, BaselineKind.FLAT):
        return BaselineChoice(BaselineKind(named))
    if named in tuple(Kind):
        return BaselineChoice(BaselineKind.REPORTS, other_kind=Kind(named))
    loaded = list_loaded_baselines(store, LOCAL_ACTOR)
    for layer in loaded:
        if layer.name == named:
            return BaselineChoice(BaselineKind(layer.kind), named)
    known = ", ".join([*(str(kind) for kind in ("streets", "past", "flat", *Kind)), *(one.name for one in loaded)])
    raise UsageError(f"There is nothing called “{named}” to hold hotspots against. There are: {known}.")


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _say_run(found: FoundHotspots, defence: Defence) -> None:
    run, hotspots = found.run, found.hotspots
    shapes = hotspots[~hotspots["at_one_spot"].astype(bool)]
    test = defence.latest(run.run_id)
    say(
        f"{run.kind.capitalize()} reports, {format_window(run.selection.since, run.selection.until)}: "
        f"{counted(len(shapes), 'hotspot')}, {len(hotspots) - len(shapes):,} with reports at one spot."
        + ("" if test else f" {NOT_TESTED}")
    )
    for message in run.messages:
        say(f"  {message}")
    for row in hotspots.head(SHOWN).itertuples():
        say(
            f"  {row.rank:>3}  {row.label}: {counted(row.reports_n, 'report')} at {counted(row.places_n, 'point')} "
            f"on {counted(row.days_n, 'day')} from {counted(row.sources_n, 'source')}"
        )
        if test:
            chance, steady = say_defence(defence, run.run_id, UUID(row.hotspot_id))
            say(f"       {chance} {steady}.")
    if len(hotspots) > SHOWN:
        say(f"  … and {len(hotspots) - SHOWN} more; see them all with --json or on the map.")
    for rise in test.rises if test else []:
        say(
            f"  Wide rise of {rise['radius_m']:,.0f} m, {rise['label']}: {rise['counted']:,} reports where "
            f"{expected_words(rise['expected'])} would be expected; {rise['as_strong']:,} of {rise['maps']:,} random "
            "maps had one as strong."
        )
