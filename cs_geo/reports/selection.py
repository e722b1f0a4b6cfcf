"""Which reports a map, a table, a hotspot run or an export is about.

One value says it for all of them, so that the counts in a caption, a table and a file agree. It travels inside signed
tile tokens and is kept with every hotspot run and export.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cs_geo.reports.report import Kind, Term, TimeBand


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of reports. An empty tuple or None means no restriction."""

    since: date | None = None
    """First day, inclusive."""
    until: date | None = None
    """Last day, inclusive. A month-precise report belongs to a window that holds its whole month."""
    kinds: tuple[Kind, ...] = ()
    harm_types: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    time_bands: tuple[TimeBand, ...] = ()
    terms: tuple[Term, ...] = ()
    area: str | None = None
    """Reference of a loaded area (ward, LSOA, district)."""
    published: bool = False
    """Is this about published police data (all recorded crime, all ages) instead of partners' reports?"""

    def to_json(self) -> dict[str, Any]:
        """The choice as plain values, leaving out what is not restricted."""
        plain: dict[str, Any] = {
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "kinds": [str(kind) for kind in self.kinds],
            "harm_types": list(self.harm_types),
            "source_types": list(self.source_types),
            "time_bands": [str(band) for band in self.time_bands],
            "terms": [str(term) for term in self.terms],
            "area": self.area,
            "published": self.published,
        }
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Selection":
        """Read what ``to_json`` wrote.

        Raises
        ------
        ValueError
            If a date, kind, band or term is none.
        """
        return cls(
            since=date.fromisoformat(plain["since"]) if plain.get("since") else None,
            until=date.fromisoformat(plain["until"]) if plain.get("until") else None,
            kinds=tuple(Kind(kind) for kind in plain.get("kinds", ())),
            harm_types=tuple(plain.get("harm_types", ())),
            source_types=tuple(plain.get("source_types", ())),
            time_bands=tuple(TimeBand(band) for band in plain.get("time_bands", ())),
            terms=tuple(Term(term) for term in plain.get("terms", ())),
            area=plain.get("area"),
            published=bool(plain.get("published", False)),
        )
