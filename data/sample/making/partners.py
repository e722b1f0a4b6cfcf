"""Each partner's file as that partner sends it: own heads, own words, own way of writing dates, own encoding."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from making.geometry import chance
from making.noticed import Noticed

Cell = Callable[[Noticed, int], str]
_ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Sheet:
    """One source's file. ``columns``: head and what stands under it, given the report and its place in the file."""

    source: str
    file: str
    title: str
    mapping: str
    columns: tuple[tuple[str, Cell], ...]
    delimiter: str = ","
    encoding: str = "utf-8"

    def lines(self, rows: list[Noticed]) -> list[list[str]]:
        """What stands in the file for the rows of this source."""
        mine = [row for row in rows if row.source == self.source]
        return [[cell(row, place) for _, cell in self.columns] for place, row in enumerate(mine, 1)]

    def write(self, path: Path, lines: list[list[str]]) -> None:
        """Write lines under the heads of the sheet."""
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow([head for head, _ in self.columns])
        writer.writerows(lines)
        path.write_bytes(sheet.getvalue().encode(self.encoding))


def draw(row: Noticed, place: int, column: str) -> np.random.Generator:
    """Chance for one cell. It hangs on the report and not on its place in the file: equal reports stay equal rows."""
    return chance(f"{row.source} {row.start} {row.where} {row.note} {column}")


def one_of(column: str, *choices: str) -> Cell:
    """One of the choices, drawn for each row; repeat a choice to make it likelier."""
    return lambda row, place: str(draw(row, place, column).choice(choices))


def day(pattern: str) -> Cell:
    """The day on which it happened, written by a pattern of ``strftime``."""
    return lambda row, place: row.written.get("date", row.start.strftime(pattern))


def clock(row: Noticed, place: int) -> str:
    """The time, left out where the day is written oddly."""
    return row.written.get("time", "" if "date" in row.written else row.start.strftime("%H:%M"))


def _clock_to(row: Noticed, place: int) -> str:
    return row.until.strftime("%H:%M") if row.until else ""


def _day_to(row: Noticed, place: int) -> str:
    return row.until.strftime("%Y-%m-%d") if row.until else ""


def _utc(row: Noticed, place: int) -> str:
    """The moment in UTC, as systems send it: in summer an hour before the clock on the wall."""
    return row.written.get("date", row.start.replace(tzinfo=_ZONE).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _lon(row: Noticed, place: int) -> str:
    lon, lat = row.where.degrees()
    return {"swapped": lat, "zero": "0"}.get(row.where.style, lon)


def _lat(row: Noticed, place: int) -> str:
    lon, lat = row.where.degrees()
    return {"swapped": lon, "zero": "0"}.get(row.where.style, lat)


def east(row: Noticed, place: int) -> str:
    """Easting."""
    return row.where.metres()[0]


def north(row: Noticed, place: int) -> str:
    """Northing."""
    return row.where.metres()[1]


def _grid(row: Noticed, place: int) -> str:
    return row.where.grid_reference()


def text(row: Noticed, place: int) -> str:
    """The location as written."""
    return row.where.text


def locality(row: Noticed, place: int) -> str:
    """The ward, where it is given."""
    return row.where.locality


def postcode(row: Noticed, place: int) -> str:
    """The postcode, where it is given."""
    return row.where.postcode


def _kind(row: Noticed, place: int) -> str:
    return row.kind


def _harm(row: Noticed, place: int) -> str:
    return row.written.get("harm", row.harm)


def note(row: Noticed, place: int) -> str:
    """What happened; a strength tells it under another head."""
    return "" if row.kind == "strength" else row.written.get("note", row.note)


def helped(row: Noticed, place: int) -> str:
    """What helped, of a strength."""
    return row.note if row.kind == "strength" else ""


def number(prefix: str, first: int = 1) -> Cell:
    """The partner's own key: a prefix and a running number."""
    return lambda row, place: f"{prefix}{first + place - 1:05d}"


def fixed(text: str) -> Cell:
    """The same text in every row."""
    return lambda row, place: text


def _severity(row: Noticed, place: int) -> str:
    grave = {"weapon_seen_found", "criminal_exploitation", "robbery_or_theft_from_a_young_person", "violence_by_adults"}
    if row.kind == "strength":
        return ""
    return str(draw(row, place, "severity").choice(["s2", "s2", "s3"] if row.harm in grave else ["s1", "s1", "s2"]))


_BANDS = one_of("band", "none", "1_to_2", "1_to_2", "3_to_5", "3_to_5", "6_to_10", "11_plus", "not_known")
_REFERRED = one_of("referred", "no", "no", "not_needed", "not_needed", "yes")


def _where_columns(*names: str) -> tuple[tuple[str, Cell], ...]:
    cells: dict[str, Cell] = {
        "location": text, "locality": locality, "postcode": postcode, "longitude": _lon, "latitude": _lat,
        "easting": east, "northing": north, "grid_reference": _grid,
    }  # fmt: skip
    return tuple((name, cells[name]) for name in names)


TEMPLATE = (("kind", _kind), ("date", day("%Y-%m-%d")), ("time", clock))

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "residents",
        "residents-form.csv",
        "Residents' web form",
        "cs-geo-template",
        (
            ("reference", number("RES-")),
            *TEMPLATE,
            *_where_columns("location", "locality", "postcode", "longitude", "latitude"),
            (
                "source_type",
                one_of("who", "resident", "resident", "resident", "parent_carer", "anonymous", "councillor"),
            ),
            (
                "directness",
                one_of("how", "seen_by_reporter", "seen_by_reporter", "heard_from_others", "told_by_person_affected"),
            ),
            ("harm_types", _harm),
            ("young_people_band", _BANDS),
            ("what_helped", helped),
            ("note", note),
            ("safeguarding_answer", _REFERRED),
        ),
        encoding="utf-8-sig",
    ),
    Sheet(
        "business",
        "business-partnership.csv",
        "Business partnership",
        "cs-geo-template",
        (
            *TEMPLATE,
            *_where_columns("location", "postcode", "easting", "northing"),
            ("source_type", fixed("business_venue")),
            ("agency", fixed("business_partnership")),
            ("harm_types", _harm),
            ("who_causes_harm", one_of("causes", "adults", "not_known", "not_known", "both", "no_person")),
            ("what_helped", helped),
            ("note", note),
        ),
    ),
    Sheet(
        "transport",
        "transport-operator.tsv",
        "Harrowmere Buses and Rail",
        "cs-geo-template",
        (
            ("reference", number("TR", 40211)),
            ("kind", _kind),
            ("date", _utc),
            *_where_columns("location", "longitude", "latitude"),
            ("source_type", fixed("transport")),
            ("agency", fixed("transport_operator")),
            ("directness", fixed("system_record")),
            ("harm_types", _harm),
            ("what_helped", helped),
            ("note", note),
        ),
        delimiter="\t",
    ),
    Sheet(
        "voluntary",
        "voluntary-sector.csv",
        "Voluntary and community sector",
        "cs-geo-template",
        (
            ("reference", number("VCS")),
            *TEMPLATE,
            *_where_columns("location", "locality", "postcode", "longitude", "latitude"),
            ("source_type", fixed("voluntary_community")),
            ("agency", fixed("voluntary_and_community")),
            ("directness", one_of("how", "told_by_person_affected", "seen_by_reporter", "heard_from_others")),
            ("harm_types", _harm),
            ("severity_band", _severity),
            ("young_people_band", _BANDS),
            ("what_helped", helped),
            ("note", note),
            ("safeguarding_answer", _REFERRED),
        ),
    ),
    Sheet(
        "housing",
        "housing-estates.csv",
        "Housing estates",
        "cs-geo-template",
        (
            ("reference", number("HE/26/")),
            *TEMPLATE,
            ("date_to", _day_to),
            ("time_to", _clock_to),
            *_where_columns("location", "postcode", "grid_reference"),
            ("source_type", fixed("housing")),
            ("agency", one_of("landlord", "housing", "housing_association")),
            ("harm_types", _harm),
            ("severity_band", _severity),
            ("what_helped", helped),
            ("note", note),
        ),
    ),
)
"""The files that come in our own template. Those with heads of their own stand in ``own_heads``."""
