"""``cs-geo areas``, ``calendar``, ``gazetteer``, ``basemap``, ``places`` and ``protected``: what a site loads once."""

from pathlib import Path
from typing import Annotated

import typer

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.cli.saying import counted, say, say_document
from cs_geo.settings import get_settings
from cs_geo.store.gazetteer import LoadedGazetteer
from cs_geo.store.opening import open_store
from cs_geo.workflows import load_site_data
from cs_geo.workflows.load_baseline import list_loaded_baselines
from cs_geo.workflows.load_baseline import load_baseline as load_baseline_file
from cs_geo.workflows.load_site_data import Loaded

areas_app = typer.Typer(help="Study area, districts, wards and LSOAs.", no_args_is_help=True)
calendar_app = typer.Typer(help="School terms and bank holidays.", no_args_is_help=True)
gazetteer_app = typer.Typer(help="What locations are looked up in.", no_args_is_help=True)
basemap_app = typer.Typer(help="Streets, parks, water, buildings and names under the map.", no_args_is_help=True)
places_app = typer.Typer(help="The place register.", no_args_is_help=True)
baseline_app = typer.Typer(help="Population layers that hotspots are held against.", no_args_is_help=True)
protected_app = typer.Typer(help="Locations that are never clustered, drawn or named.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The file to load.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@areas_app.command("load")
def load_areas(
    file: File,
    kind: Annotated[str, typer.Option(help="study, district, ward or lsoa.")],
    layer: Annotated[str | None, typer.Option(help="Layer of a file that has several.")] = None,
    json_output: Json = False,
) -> None:
    """Load areas from GeoPackage, GeoJSON or Shapefile, in place of those of the same kind."""
    _say_loaded(
        load_site_data.load_areas(open_store(get_settings()), LOCAL_ACTOR, file, kind, layer=layer), json_output
    )


@calendar_app.command("load")
def load_calendar(file: File, json_output: Json = False) -> None:
    """Load the school calendar: a table with the columns kind, name, starts, ends."""
    _say_loaded(load_site_data.load_calendar(open_store(get_settings()), LOCAL_ACTOR, file), json_output)


@gazetteer_app.command("load")
def load_gazetteer(
    file: File,
    format_name: Annotated[str, typer.Option("--format", help="code-point-open, onspd, osm or csv.")],
    name: Annotated[str | None, typer.Option(help="Its name; the file's, unless given.")] = None,
    version: Annotated[str | None, typer.Option(help="Its version; the file's date, unless given.")] = None,
    json_output: Json = False,
) -> None:
    """Load a gazetteer, in place of one of the same name."""
    loaded = load_site_data.load_gazetteer_file(
        open_store(get_settings()), LOCAL_ACTOR, file, format_name, name=name, version=version
    )
    if json_output:
        say_document(_plain_gazetteer(loaded))
    else:
        say(_sentence(loaded))


@gazetteer_app.command("list")
def list_gazetteers(json_output: Json = False) -> None:
    """List the loaded gazetteers with version and size."""
    loaded = load_site_data.list_loaded_gazetteers(open_store(get_settings()), LOCAL_ACTOR)
    if json_output:
        say_document({"gazetteers": [_plain_gazetteer(one) for one in loaded]})
    elif not loaded:
        say("No gazetteer is loaded, so only coordinates can be placed. Load one with `cs-geo gazetteer load`.")
    for one in [] if json_output else loaded:
        say(_sentence(one))


@basemap_app.command("load")
def load_basemap(file: File, json_output: Json = False) -> None:
    """Load the basemap and the street network from OpenStreetMap data (.osm, .osm.bz2 or .osm.pbf)."""
    _say_loaded(load_site_data.load_basemap(open_store(get_settings()), LOCAL_ACTOR, file), json_output)


@baseline_app.command("load")
def load_baseline(
    file: File,
    kind: Annotated[str, typer.Option(help="residents or addresses.")],
    name: Annotated[str, typer.Option(help="Its name; the file's, unless given.")] = "",
    column: Annotated[str, typer.Option(help="Column with the number; needed where there are several.")] = "",
    layer: Annotated[str | None, typer.Option(help="Layer of a file that has several.")] = None,
    json_output: Json = False,
) -> None:
    """Load areas with the number of residents or addresses in each, in place of a layer of the same name."""
    loaded = load_baseline_file(
        open_store(get_settings()), LOCAL_ACTOR, file, kind, name=name, column=column, layer=layer
    )
    _say_loaded(loaded, json_output)


@baseline_app.command("list")
def list_baselines(json_output: Json = False) -> None:
    """List the loaded population layers."""
    loaded = list_loaded_baselines(open_store(get_settings()), LOCAL_ACTOR)
    if json_output:
        say_document({
            "baselines": [
                {"name": one.name, "kind": one.kind, "source": one.source, "areas": one.areas_n, "number": one.number}
                for one in loaded
            ]
        })  # fmt: skip
    elif not loaded:
        say("No population layer is loaded. Hotspots are held against walkable streets and paths.")
    for one in [] if json_output else loaded:
        say(f"{one.name}: {one.number:,.0f} {one.kind} in {counted(one.areas_n, 'area')}, from {one.source}.")


@places_app.command("load")
def load_places(file: File, json_output: Json = False) -> None:
    """Register places from GeoJSON or GeoPackage: name, place_type, aliases and boundaries."""
    _say_loaded(load_site_data.load_places(open_store(get_settings()), LOCAL_ACTOR, file), json_output)


@protected_app.command("load")
def load_protected(file: File, json_output: Json = False) -> None:
    """Load protected locations: a table with the columns kind, easting, northing, radius_m."""
    _say_loaded(load_site_data.load_protected(open_store(get_settings()), LOCAL_ACTOR, file), json_output)


def _say_loaded(loaded: Loaded, json_output: bool) -> None:
    if json_output:
        say_document(
            {
                "what": loaded.what,
                "loaded": loaded.loaded,
                "mended": loaded.mended,
                "left_out": dict(loaded.left_out or {}),
                "notes": loaded.notes,
            }
        )
        return
    mended = f" {counted(loaded.mended, 'shape was', 'shapes were')} invalid and mended." if loaded.mended else ""
    others = "".join(f" {number:,} {what}." for what, number in (loaded.left_out or {}).items())
    say(f"Loaded {loaded.loaded:,} {loaded.what}.{mended}{others}")
    for note in loaded.notes:
        say(note)


def _sentence(loaded: LoadedGazetteer) -> str:
    skipped = "".join(f"; {number:,} left out: {reason}" for reason, number in loaded.skipped.items())
    return f"{loaded.name} {loaded.version} ({loaded.format}): {counted(loaded.entries, 'entry', 'entries')}{skipped}."


def _plain_gazetteer(loaded: LoadedGazetteer) -> dict[str, object]:
    return {
        "name": loaded.name,
        "format": loaded.format,
        "version": loaded.version,
        "entries": loaded.entries,
        "skipped": dict(loaded.skipped),
        "loaded_at": loaded.loaded_at,
    }
