"""How well the geocoder places real addresses, on the reference engine.

Two figures: the food-hygiene addresses of seven boroughs against Code-Point Open, and half of the Isle of Man's
addresses against the other half with its named places and highways. Run from the repository root:

    python -m tests.benchmarks.bench_geocode_accuracy
"""

import csv
import gzip
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np

from cs_geo.crs import transform_points
from cs_geo.geocode.cascade import match_locations
from cs_geo.geocode.csv_entries import entries_of_csv
from cs_geo.geocode.gazetteer import Entry, entries_of
from cs_geo.geocode.gazetteer_files import read_code_point_open
from cs_geo.geocode.match import Confidence, Match, Precision
from cs_geo.geocode.memory import MemoryGazetteer
from cs_geo.geocode.names import normalise_postcode
from cs_geo.reports.report import LocationGiven

SHARED = Path(__file__).parents[3] / "shared" / "data"
BOROUGHS = ("city_of_london_corporation", "knowsley", "liverpool", "sefton", "st_helens", "trafford", "wirral")
STREET_OR_BETTER = {Precision.BUILDING, Precision.JUNCTION, Precision.STREET}


@dataclass(frozen=True, slots=True)
class Known:
    """A location with the point that is known for it, in storage metres."""

    location: LocationGiven
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Score:
    """What became of locations whose point is known."""

    matches: Sequence[Match]
    off_m: Sequence[float]
    """Metres from the known point; infinite where unmatched."""
    seconds: float
    notes: dict[str, float] = field(default_factory=dict)

    def share(self, rows: Iterable[bool]) -> float:
        """Share of rows that are true."""
        kept = list(rows)
        return sum(kept) / len(kept) if kept else math.nan

    @property
    def street_or_better(self) -> float:
        """Share of all locations matched at street level or better."""
        return self.share(match.precision in STREET_OR_BETTER for match in self.matches)

    @property
    def high_far_off(self) -> float:
        """Share of matches of high confidence that are more than 250 m off."""
        return self.share(
            off > 250
            for match, off in zip(self.matches, self.off_m, strict=True)
            if match.confidence is Confidence.HIGH
        )


def score(known: Sequence[Known], gazetteer: MemoryGazetteer) -> Score:
    """Geocode locations by their words and measure how far off the answers are."""
    start = time.perf_counter()
    matches = match_locations([each.location for each in known], gazetteer)
    seconds = time.perf_counter() - start
    off = [
        math.hypot(match.x - each.x, match.y - each.y) if match.x is not None and match.y is not None else math.inf
        for match, each in zip(matches, known, strict=True)
    ]
    return Score(matches, off, seconds)


# --- food hygiene ---------------------------------------------------------------------------------------------------


def food_hygiene(shared: Path = SHARED, *, boroughs: Sequence[str] = BOROUGHS) -> list[Known]:
    """Food-hygiene addresses that have a point."""
    rows = [row for borough in boroughs for row in _table(shared / "addresses" / f"fhrs_{borough}.csv.gz")]
    rows = [row for row in rows if row["Longitude"] and row["Latitude"]]
    lines = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
    return _known(
        (
            LocationGiven(text=", ".join(row[line] for line in lines if row[line]), postcode=row["PostCode"])
            for row in rows
        ),
        [float(row["Longitude"]) for row in rows],
        [float(row["Latitude"]) for row in rows],
    )


def code_point_entries(postcodes: Iterable[str], shared: Path = SHARED) -> list[Entry]:
    """Entries of Code-Point Open for some postcodes, read from the whole archive as it is shipped."""
    wanted = set(postcodes)
    entries: list[Entry] = []
    for chunk in read_code_point_open(shared / "gazetteer" / "codepoint_open_2014_raw.zip"):
        entries += entries_of(chunk.entries[chunk.entries["postcode_norm"].isin(wanted)], first_id=len(entries) + 1)
    return entries


def score_food_hygiene(shared: Path = SHARED) -> tuple[Score, list[bool]]:
    """The score, and for each address whether its postcode is in Code-Point Open."""
    known = food_hygiene(shared)
    entries = code_point_entries((normalise_postcode(each.location.postcode) for each in known), shared)
    there = {entry.postcode_norm for entry in entries}
    return score(known, MemoryGazetteer(entries)), [
        normalise_postcode(each.location.postcode) in there for each in known
    ]


# --- Isle of Man ----------------------------------------------------------------------------------------------------

_NUMBERED = ("addr:unit", "addr:housename", "addr:housenumber")
_AROUND = ("addr:locality", "addr:place", "addr:city")


def isle_of_man(shared: Path, working: Path, *, with_postcode: bool) -> tuple[list[Known], MemoryGazetteer]:
    """Half of the addresses to be geocoded, and a gazetteer of the other half with all places and highways.

    The halves are drawn by a checksum of the OpenStreetMap number, so that they are the same on every machine.
    """
    table = _table(shared / "addresses" / "iom_osm_addresses.csv.gz")
    given = [row for row in table if crc32(row["osm_id"].encode()) % 2 == 0]
    asked = [row for row in table if crc32(row["osm_id"].encode()) % 2 == 1]
    half = working / "addresses_half.csv"
    with half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows(given)
    entries = entries_of_csv(half)
    for name in ("named-places", "named-highways"):
        entries += entries_of_csv(shared / "addresses" / f"iom_osm_{name}.csv.gz")
    locations = (
        LocationGiven(text=address_text(row), postcode=row["addr:postcode"] if with_postcode else "") for row in asked
    )
    longitudes, latitudes = ([float(row[axis]) for row in asked] for axis in ("lon", "lat"))
    return _known(locations, longitudes, latitudes), MemoryGazetteer(entries)


def address_text(row: dict[str, str]) -> str:
    """An address of OpenStreetMap as a person would write it on one line."""
    unit = f"Unit {row['addr:unit']}" if row["addr:unit"] else ""
    street = f"{row['addr:housenumber']} {row['addr:substreet'] or row['addr:street']}".strip()
    parts = [unit, row["addr:housename"], street, row["addr:street"] if row["addr:substreet"] else ""]
    return ", ".join(dict.fromkeys(part for part in (*parts, *(row[name] for name in _AROUND)) if part))


def score_isle_of_man(working: Path, shared: Path = SHARED, *, with_postcode: bool) -> Score:
    """The score of one half against the other."""
    return score(*isle_of_man(shared, working, with_postcode=with_postcode))


# --- reading and printing -------------------------------------------------------------------------------------------


def _table(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _known(locations: Iterable[LocationGiven], longitudes: list[float], latitudes: list[float]) -> list[Known]:
    xs, ys = transform_points(longitudes, latitudes, from_epsg=4326, to_epsg=27700)
    return [Known(*each) for each in zip(locations, xs.tolist(), ys.tolist(), strict=True)]


def _lines(title: str, result: Score) -> Iterator[str]:
    yield f"{title}: {len(result.matches)} locations in {result.seconds:.1f} s"
    for name, of in (("precision", "precision"), ("confidence", "confidence"), ("method", "method")):
        counts = Counter(str(getattr(match, of)) for match in result.matches)
        yield f"  {name}: " + ", ".join(f"{key} {count}" for key, count in counts.most_common())
    problems = Counter(match.problem or "none" for match in result.matches)
    yield "  problems: " + ", ".join(f"{key} {count}" for key, count in problems.most_common())
    for confidence in (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW):
        off = [
            metres
            for match, metres in zip(result.matches, result.off_m, strict=True)
            if match.confidence is confidence and match.precision.clusters
        ]
        if off:
            p50, p95, p99 = np.percentile(off, [50, 95, 99])
            far = sum(metres > 250 for metres in off) / len(off)
            yield f"  {confidence}: {len(off)}, off by p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} m; >250 m {far:.2%}"
    yield f"  street level or better {result.street_or_better:.1%}; high and over 250 m off {result.high_far_off:.2%}"


def by_borough(result: Score, there: Sequence[bool]) -> Iterator[tuple[str, float]]:
    """Each borough with the share of its addresses of known postcode that are within 100 m."""
    start = 0
    for borough in BOROUGHS:
        end = start + len(food_hygiene(boroughs=[borough]))
        rows = zip(result.off_m[start:end], there[start:end], strict=True)
        yield borough, result.share(off <= 100 for off, known in rows if known)
        start = end


def main() -> None:
    """Print both figures."""
    import tempfile

    write = sys.stdout.write
    result, there = score_food_hygiene()
    write("\n".join(_lines("Food hygiene, seven boroughs", result)) + "\n")
    near = [off <= 100 for off, known in zip(result.off_m, there, strict=True) if known]
    write(f"  postcode in Code-Point Open: {sum(there)}, within 100 m {sum(near)} or {sum(near) / len(near):.2%}\n")
    for borough, share in by_borough(result, there):
        write(f"    {borough}: {share:.1%}\n")
    others = [match for match, known in zip(result.matches, there, strict=True) if not known]
    buildings = sum(match.precision is Precision.BUILDING for match in others)
    write(f"  other: {len(others)}, matched {sum(m.x is not None for m in others)}, as an address {buildings}\n")
    with tempfile.TemporaryDirectory() as folder:
        for with_postcode in (True, False):
            score_of = score_isle_of_man(Path(folder), with_postcode=with_postcode)
            title = f"Isle of Man, half by half, {'with' if with_postcode else 'without'} postcode"
            write("\n".join(_lines(title, score_of)) + "\n")


if __name__ == "__main__":
    main()
