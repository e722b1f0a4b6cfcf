"""What will be suppressed or made coarser before anything leaves, in words with counts: for the export page.

It is told of the very results that are to be written, so that the page and the file cannot differ. It is for whoever
exports, who works inside: its counts are exact and are not part of the export.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cs_geo.disclosure.cells import CellCounts
from cs_geo.disclosure.harm_groups import Level
from cs_geo.disclosure.hotspots import ShownHotspots
from cs_geo.disclosure.releases import Difference
from cs_geo.disclosure.rules import RULES, SIGHTS, Audience, Count, Place, Rules, Text, Time
from cs_geo.disclosure.tables import PublicTable

_MOST_REFUSALS = 5
_LEVELS = {Level.LSOA: "LSOA", Level.WARD: "ward", Level.DISTRICT: "district"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What an audience will be given, line by line, and whether it may be released at all."""

    rules: tuple[str, ...]
    """What holds for this audience whatever the data are."""
    effects: tuple[str, ...]
    """What the rules do to this export, with counts."""
    refusals: tuple[str, ...]
    """Why it may not be released. Nothing where it may."""

    @property
    def may_be_released(self) -> bool:
        """Is there nothing against it?"""
        return not self.refusals


def preview_export(
    audience: Audience,
    *,
    cells: CellCounts | None = None,
    hotspots: ShownHotspots | None = None,
    tables: Sequence[PublicTable] = (),
    differences: Sequence[Difference] = (),
    rules: Rules = RULES,
) -> Preview:
    """Say what an export to an audience holds, and what it leaves out and why.

    Parameters
    ----------
    cells, hotspots, tables
        The results that are to be written, where the audience is given such.
    differences
        What the check against earlier releases found.
    """
    effects = [
        *(_on_cells(cells, rules) if cells is not None else ()),
        *(_on_hotspots(hotspots, audience) if hotspots is not None else ()),
        *(line for table in tables for line in _on_table(table, rules)),
    ]
    return Preview(tuple(describe_audience(audience, rules)), tuple(effects), tuple(_refusals(differences)))


def describe_audience(audience: Audience, rules: Rules = RULES) -> Iterator[str]:
    """What holds for an audience whatever the data are, a sentence each."""
    sight = SIGHTS[audience]
    if sight.rows:
        yield "Reports are given one by one, at their exact points."
    else:
        yield f"No single report is given. Places: {_PLACES[sight.place].format(rules=rules)}."
    yield f"Counts: {_COUNTS[sight.count].format(rules=rules, least=rules.suppressed_up_to + 1)}."
    yield f"Times: {_TIMES[sight.time].format(rules=rules)}."
    yield f"Text: {_TEXTS[sight.text]}."
    if not sight.sensitive_harm:
        yield "Sexual harm, exploitation, hate and radicalisation worry: by district only."


def _on_cells(cells: CellCounts, rules: Rules) -> Iterator[str]:
    yield f"{cells.in_cells:,} of {_many(cells.read, 'report')} are counted in {_many(len(cells.cells), 'cell')}."
    few = int((cells.counts["reports"] == rules.few).sum())
    if few:
        yield f"{_many(few, 'count')} will read “{rules.few}”."
    yield from _withheld(cells.withheld, "report", "not in any cell")


def _on_hotspots(hotspots: ShownHotspots, audience: Audience) -> Iterator[str]:
    yield f"{len(hotspots.shown):,} of {_many(hotspots.read, 'hotspot')} will be drawn."
    yield from _withheld(hotspots.withheld, "hotspot", "not drawn")
    if audience is Audience.PARTNER and not hotspots.addresses_known and hotspots.read:
        yield "No address gazetteer is loaded: boundaries are not checked for the number of addresses in them."


def _on_table(table: PublicTable, rules: Rules) -> Iterator[str]:
    name = table.release.table
    yield f"{name}: {table.counted:,} of {_many(table.read, 'report')} are counted."
    shown = table.table.shown
    if table.table.primary_n:
        yield (
            f"{name}: {_many(table.table.primary_n, 'number')} of {shown.size:,} will be suppressed because they are "
            f"from 1 to {rules.suppressed_up_to}, and {table.table.secondary_n:,} more so that those cannot be worked "
            "out."
        )
    for count, why in (
        (table.by_district_only, f"of a harm that is told by district only, not by {_LEVELS[table.level]}"),
        (table.never_told, "of young people merely being present"),
        (table.outside, "in none of its areas"),
    ):
        if count:
            yield f"{name}: {_many(count, 'report')} not counted: {why}."


def _refusals(differences: Sequence[Difference]) -> Iterator[str]:
    yield from (str(one) for one in differences[:_MOST_REFUSALS])
    if len(differences) > _MOST_REFUSALS:
        yield f"And {_many(len(differences) - _MOST_REFUSALS, 'more such difference')}."


def _withheld(withheld: Mapping[str, int], thing: str, what: str) -> Iterator[str]:
    for reason, count in withheld.items():
        yield f"{_many(count, thing)} {what}: {reason}."


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


_PLACES = {
    Place.POINT: "exact points",
    Place.BOUNDARY: "the boundary of the case",
    Place.CELL: (
        "cells of {rules.cell_m} m, and hotspots from {rules.hotspot_reports} reports on {rules.hotspot_days} days "
        "from {rules.hotspot_sources} sources, over {rules.fewest_addresses} addresses or none"
    ),
    Place.AREA: "tables by LSOA, ward and district, without outlines",
}
_COUNTS = {
    Count.EXACT: "exact",
    Count.BANDED: "exact from {rules.fewest_told} on, “{rules.few}” below",
    Count.ROUNDED: (
        "1 to {rules.suppressed_up_to} suppressed, with others that would give them away; from {least} on rounded to "
        "{rules.rounded_to}"
    ),
}
_TIMES = {
    Time.MOMENT: "as they are known",
    Time.DATE: "the date",
    Time.DATE_AND_BAND: "the date and the part of the day",
    Time.QUARTER: "the quarter, {rules.delay_months} month or more after its end",
}
_TEXTS = {
    Text.REDACTED: "with personal details taken out",
    Text.APPROVED: "what a person has approved",
    Text.NONE: "none",
}
