"""Make the sample borough: a fictional town and eighteen months of reports, as partners would send them.

Run as ``python data/sample/generate.py [FOLDER]``; without a folder the files are written beside this program. The same
program writes the same bytes every time. What is made, and the traps in it, is told in README.md.
"""

import argparse
import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from making import areas, days, effort, layout, osm, own_heads, patterns, published, register, traps
from making.areas import Area
from making.borough import Borough, build_borough
from making.geometry import to_grid
from making.noticed import Locator, Noticed
from making.partners import SHEETS, Sheet

ALL_SHEETS: tuple[Sheet, ...] = (*own_heads.OWN_SHEETS, *SHEETS)
OSM_FILE = "harrowmere.osm.bz2"
LATE_FILE = "council-asb-late.csv"
SESSIONS_FILE = "outreach-sessions.csv"
REJECTED = {"impossible_date", "future_date", "no_date"}
"""Traps whose rows cannot be taken."""
LATE_ROWS = (6, 3, 3)
"""Rows of the council's late sheet: known and unchanged, known with another action taken, and new."""


def generate(folder: Path) -> None:
    """Write every file of the sample into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    borough = build_borough()
    locator = Locator(borough)
    held = effort.sessions()
    rows = patterns.concentrated(locator, held) + patterns.background(locator, held)
    rows += patterns.strengths(borough, locator) + traps.all_traps(borough, locator)
    rows.sort(key=lambda row: (row.start, row.source, row.note, row.where.text, str(row.where.x)))

    _write_site(folder, borough)
    for sheet in ALL_SHEETS:
        lines = sheet.lines(rows)
        if sheet is own_heads.COUNCIL:
            lines = _hold_back(folder / LATE_FILE, sheet, lines, rows)
        sheet.write(folder / sheet.file, lines)
    own_heads.write_sessions(folder / SESSIONS_FILE, held)
    published.write_published(folder / published.FILE, borough)
    (folder / "manifest.toml").write_text(_manifest(), encoding="utf-8", newline="\n")
    (folder / "expected.json").write_text(_expected(rows, held), encoding="utf-8", newline="\n")


def _write_site(folder: Path, borough: Borough) -> None:
    """Write what a site loads before any report: areas, calendar, gazetteers, basemap, protected places, register."""
    whole = Area("HW", layout.TOWN, layout.BOROUGH)
    areas.write_areas(folder / "study-area.geojson", [whole])
    areas.write_areas(folder / "district.geojson", [Area("HWD01", f"{layout.TOWN} District", layout.BOROUGH)])
    areas.write_areas(folder / "wards.geojson", borough.wards)
    areas.write_areas(folder / "small-areas.geojson", borough.small_areas, broken=areas.BROKEN)
    _write_table(folder / "calendar.csv", ("kind", "name", "starts", "ends"), list(days.PERIODS))
    home = traps.protected(borough)[0][1]
    osm.extract(borough.ways, borough.features, borough.buildings, [*borough.points, osm.care_home(home)]).write(
        folder / OSM_FILE
    )
    postcodes = [("postcode", p.text, *_metres(p.x, p.y)) for p in borough.postcodes]
    _write_table(folder / "postcodes.csv", ("kind", "postcode", "easting", "northing"), postcodes)
    nicknames = [("place", n.name, n.aliases, *_metres(*n.at), f"{n.radius:.0f}") for n in register.nicknames(borough)]
    _write_table(folder / "nicknames.csv", ("kind", "name", "aliases", "easting", "northing", "radius_m"), nicknames)
    protected = [(kind, *_metres(*at), f"{radius}") for kind, at, radius in traps.protected(borough)]
    _write_table(folder / "protected.csv", ("kind", "easting", "northing", "radius_m"), protected)
    register.write_places(folder / "places.geojson", borough)


def _metres(x: float, y: float) -> tuple[str, str]:
    east, north = to_grid((x, y))
    return f"{east:.0f}", f"{north:.0f}"


def _write_table(path: Path, heads: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(lines)
    path.write_bytes(sheet.getvalue().encode("utf-8"))


def _hold_back(path: Path, sheet: Sheet, lines: list[list[str]], rows: list[Noticed]) -> list[list[str]]:
    """Write the council's late sheet and return the lines of its first one, which lacks the new ones."""
    mine = [row for row in rows if row.source == sheet.source]
    plain = [place for place, row in enumerate(mine) if not row.trap and not row.concentration]
    same, changed, new = LATE_ROWS
    chosen = plain[-(same + changed + new) * 3 :: 3]
    late = [list(lines[place]) for place in chosen]
    for line in late[same : same + changed]:
        line[-1] = "Visit made, lamp mended"
    held_back = set(chosen[same + changed :])
    sheet.write(path, late)
    return [line for place, line in enumerate(lines) if place not in held_back]


def _manifest() -> str:
    """What to load, in which order."""
    parts = [
        "# What the demonstration loads, in this order. Files stand beside this one.\n"
        f'name = "{layout.TOWN}"\n'
        f"first_day = {days.START}\nlast_day = {days.END}\n\n"
        'calendar = "calendar.csv"\n'
        f'basemap = "{OSM_FILE}"\n'
        'protected = "protected.csv"\n'
        'places = "places.geojson"\n'
    ]
    kinds = {"study": "study-area", "district": "district", "ward": "wards", "lsoa": "small-areas"}
    parts += [f'[[areas]]\nkind = "{kind}"\nfile = "{file}.geojson"\n' for kind, file in kinds.items()]
    gazetteers = {
        OSM_FILE: ("osm", "Harrowmere streets"),
        "postcodes.csv": ("csv", "Harrowmere postcodes"),
        "nicknames.csv": ("csv", "Harrowmere nicknames"),
    }
    parts += [
        f'[[gazetteers]]\nfile = "{file}"\nformat = "{form}"\nname = "{name}"\nversion = "2026-11"\n'
        for file, (form, name) in gazetteers.items()
    ]
    imports = [(sheet.file, sheet.title, sheet.mapping) for sheet in ALL_SHEETS]
    imports += [
        (SESSIONS_FILE, "Detached youth work sessions", "outreach-sessions"),
        (published.FILE, published.FORCE, "police-uk-street"),
    ]
    parts += [
        f'[[imports]]\nfile = "{file}"\nsource = "{source}"\nmapping = "{mapping}"\n'
        for file, source, mapping in imports
    ]
    parts.append(
        "# Not loaded by the demonstration: the council's next sheet, with rows that are known, changed and new.\n"
        f'[[later]]\nfile = "{LATE_FILE}"\nsource = "{own_heads.COUNCIL.title}"\n'
        f'mapping = "{own_heads.COUNCIL.mapping}"\n'
    )
    return "\n".join(parts)


def _expected(rows: list[Noticed], held: list[effort.Session]) -> str:
    """What was put in, for tests that look for it."""
    late = LATE_ROWS[2]
    files = {sheet.file: sum(row.source == sheet.source for row in rows) for sheet in ALL_SHEETS}
    files[own_heads.COUNCIL.file] -= late
    kinds = Counter(row.kind for row in rows)
    kinds["incident"] -= late
    trapped: dict[str, dict[str, int]] = {}
    by_source = {sheet.source: sheet.file for sheet in ALL_SHEETS}
    for row in rows:
        if row.trap:
            counted = trapped.setdefault(row.trap, {})
            counted[by_source[row.source]] = counted.get(by_source[row.source], 0) + 1
    plain = {
        "first_day": days.START.isoformat(),
        "last_year_from": days.LAST_YEAR.isoformat(),
        "last_quarter_from": days.LAST_QUARTER.isoformat(),
        "last_day": days.END.isoformat(),
        "response": days.RESPONSE.isoformat(),
        "rows": {**files, SESSIONS_FILE: len(held), published.FILE: published.ROWS, LATE_FILE: sum(LATE_ROWS)},
        "kinds": dict(sorted(kinds.items())),
        "concentrations": [_expected_concentration(place, rows) for place in patterns.CONCENTRATIONS],
        "traps": dict(sorted(trapped.items())),
        "rejected": {
            file: sum(by_source[row.source] == file and row.trap in REJECTED for row in rows)
            for file in sorted({by_source[row.source] for row in rows if row.trap in REJECTED})
        },
        "late": dict(zip(("duplicate", "updated", "created"), LATE_ROWS, strict=True)),
        "mended_areas": 1,
        "protected_in_basemap": 1,
    }
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _expected_concentration(place: patterns.Concentration, rows: list[Noticed]) -> dict[str, object]:
    east, north = _metres(*place.at)
    mine = [row for row in rows if row.concentration == place.key]
    starts = {"all": days.START, "last_year": days.LAST_YEAR, "last_quarter": days.LAST_QUARTER}
    return {
        "key": place.key,
        "label": place.label,
        "easting": int(east),
        "northing": int(north),
        "radius_m": patterns.RADIUS_M,
        "reports": {
            kind: {
                name: sum(row.kind == kind and row.start.date() >= since for row in mine)
                for name, since in starts.items()
            }
            for kind in place.counts
        },
        "before_response": sum(row.start.date() < days.RESPONSE for row in mine),
        "since_response": sum(row.start.date() >= days.RESPONSE for row in mine),
        "outside_term": sum(row.start.date() not in days.SCHOOL_DAYS for row in mine),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the files of the sample borough.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    generate(parser.parse_args().folder)
