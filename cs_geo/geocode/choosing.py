"""Which of several entries of one name is meant, and whether that can be said at all.

Entries are weighed by what else the report says: its postcode, its localities, the study area. Those that agree best
are put into groups of neighbours (a street's pieces, a school and its building); one group left is an answer, several
are an ambiguous name and stay unanswered.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from cs_geo.geocode.addresses import StreetReading
from cs_geo.geocode.gazetteer import LONG_STREET_RADIUS_M, SETTLEMENTS, Entry, Kind
from cs_geo.geocode.match import Candidate, Precision
from cs_geo.geocode.questions import Answers, Question

SURROUNDINGS_M = 400
"""How far from a postcode's spread a thing may lie and still agree with it. Set: half a rural street."""
ELSEWHERE_M = 5000
"""A thing that lies further than this beyond a named settlement's reach is another of the same name."""
CLEARLY_NEARER_M = 500.0
"""Of two streets of one name in reach of a locality the nearer is meant only if it is nearer by this, and twice."""
_NEIGHBOURS_M = {Kind.ADDRESS: 100.0, Kind.JUNCTION: 100.0, Kind.PLACE: 150.0, Kind.STREET: 150.0, Kind.AREA: 500.0}
"""How near two entries of one name are one thing; for streets and places their radii are added."""
LONG_STREET_M = 500.0
"""A street that reaches further than this from its middle places a report poorly."""
MOST_CANDIDATES = 10
_MOST_WEIGHED = 300
"""Entries of one name that are weighed against each other; a name with more is ambiguous whatever else is said."""


class Agreement(IntEnum):
    """How an entry agrees with the rest of what the report says."""

    AGAINST = -1
    """It lies elsewhere than the postcode or the settlement that is named."""
    UNKNOWN = 0
    NEAR_LOCALITY = 1
    """It lies within the reach of a locality that is named."""
    LOCALITY = 2
    """It is listed under a locality that is named, or in the same postcode sector."""
    POSTCODE = 3
    """It lies in the surroundings of the postcode."""
    SAME_POSTCODE = 4
    """It carries the very postcode."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What one name came to: one entry, or several candidates, or nothing."""

    entry: Entry | None
    agreement: Agreement
    rivals: tuple[Entry, ...] = ()
    """One entry for each other thing of the name, best agreeing first; the ambiguous ones where ``entry`` is None."""
    group: tuple[Entry, ...] = ()
    """Every entry of the one thing: a street with its pieces."""


NOTHING = Choice(None, Agreement.UNKNOWN)


class Chooser:
    """Weighs entries for questions, given the answers and whether a point lies inside the study area."""

    def __init__(self, answers: Answers, inside: Callable[[float, float], bool] | None) -> None:
        """Keep what is needed to weigh entries. ``inside`` is None where no study area is known."""
        self.answers = answers
        self._inside = inside

    def choose(self, entries: Sequence[Entry], question: Question, *, localities: Iterable[str] = ()) -> Choice:
        """The one thing meant among entries of one name, ``localities`` being further names that say where."""
        if not entries:
            return NOTHING
        entries = self._in_study_area(entries)
        if len(entries) > _MOST_WEIGHED:
            return Choice(None, Agreement.UNKNOWN, tuple(entries[:MOST_CANDIDATES]))
        context = self._context(question, localities)
        weighed = sorted(((self._agreement(entry, context), entry) for entry in entries), key=lambda pair: -pair[0])
        best = weighed[0][0]
        groups = _groups([entry for agreement, entry in weighed if agreement == best])
        agreeing = [list(group) for group in groups]
        others: list[list[Entry]] = []
        for other in _groups([entry for agreement, entry in weighed if agreement != best]):
            # The rest of a street of which a piece agrees is no other street.
            same = [group for group in groups if any(_neighbours(one, member) for one in other for member in group)]
            if same and best is not Agreement.SAME_POSTCODE:
                same[0].extend(other)
            elif not same:
                others.append(other)
        rivals = tuple(_representative(group, best) for group in others)
        heads = tuple(_head(group, part, best) for group, part in zip(groups, agreeing, strict=True))
        if best is Agreement.NEAR_LOCALITY and len(groups) > 1:
            groups, heads, rivals = _nearest_first(groups, heads, rivals, context)
        if best is Agreement.AGAINST or len(groups) > 1:
            return Choice(None, best, (heads + rivals)[:MOST_CANDIDATES])
        return Choice(heads[0], best, rivals[:MOST_CANDIDATES], tuple(groups[0]))

    def count_of_streets(self, name: str, question: Question) -> int:
        """How many different streets of this name the localities of a question leave open."""
        streets = self._in_study_area(self.answers.named(name, Kind.STREET))[:_MOST_WEIGHED]
        context = self._context(question, ())
        weighed = [(self._agreement(street, context), street) for street in streets]
        best = max((agreement for agreement, _ in weighed), default=Agreement.UNKNOWN)
        return len(_groups([street for agreement, street in weighed if agreement == best]))

    def reads_whole(self, reading: StreetReading) -> bool:
        """Does a reading leave out only words that name something known?

        "Church Road Northside" may be Church Road in Northside, and "Snow Hill Police Station" is not Snow Hill.
        """
        left_out = reading.locality
        return reading.whole and (not left_out or bool(self.answers.named(left_out, Kind.PLACE, Kind.AREA)))

    def postcode_entry(self, postcode: str) -> Entry | None:
        """The entry of a postcode, the tightest where several gazetteers know it."""
        return min(self.answers.postcodes.get(postcode, ()), key=lambda entry: entry.radius_m, default=None)

    def _in_study_area(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        if self._inside is None or len(entries) < 2:
            return entries
        return [entry for entry in entries if self._inside(entry.x, entry.y)] or entries

    def _context(self, question: Question, localities: Iterable[str]) -> "_Context":
        names = tuple(dict.fromkeys((*question.localities, *localities)))
        around = [entry for name in names for entry in self.answers.named(name, Kind.PLACE, Kind.AREA, Kind.STREET)]
        return _Context(question.postcode, self.postcode_entry(question.postcode), frozenset(names), tuple(around))

    def _agreement(self, entry: Entry, context: "_Context") -> Agreement:
        if context.postcode:
            if entry.postcode_norm == context.postcode:
                return Agreement.SAME_POSTCODE
            centre = context.postcode_entry
            if centre is not None and centre.precision is not Precision.AREA:
                near = _gap(entry, centre) <= SURROUNDINGS_M
                return Agreement.POSTCODE if near else Agreement.AGAINST
            elif centre is None and _sector(entry.postcode_norm) == _sector(context.postcode):
                return Agreement.LOCALITY
        if entry.localities & context.names:
            return Agreement.LOCALITY
        if any(_gap(entry, place) <= 0 for place in context.around if place is not entry):
            return Agreement.NEAR_LOCALITY
        settlements = [place for place in context.around if _is_settlement(place)]
        if settlements and all(_gap(entry, place) > ELSEWHERE_M for place in settlements):
            return Agreement.AGAINST
        return Agreement.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Context:
    """What else the report says about where it is."""

    postcode: str
    postcode_entry: Entry | None
    names: frozenset[str]
    around: tuple[Entry, ...]


def distance(one: Entry, other: Entry) -> float:
    """Metres between the points of two entries."""
    return math.hypot(one.x - other.x, one.y - other.y)


def _gap(one: Entry, other: Entry) -> float:
    """Metres between the reaches of two entries, negative where they overlap."""
    return distance(one, other) - one.radius_m - other.radius_m


def _sector(postcode: str) -> str:
    """The sector of a postcode, "EH1 1" of "EH1 1BQ": some 3,000 addresses."""
    return postcode[:-2]


def _is_settlement(entry: Entry) -> bool:
    return entry.feature in SETTLEMENTS or entry.kind is Kind.AREA


_Groups = list[list[Entry]]
_Heads = tuple[Entry, ...]


def _nearest_first(groups: _Groups, heads: _Heads, rivals: _Heads, context: _Context) -> tuple[_Groups, _Heads, _Heads]:
    """Only the group nearest to a locality, where the next is twice as far from it; else all as they were."""
    far = [
        min(_edge(entry, place) for entry in group for place in context.around if place not in group)
        if any(place not in group for place in context.around) else math.inf
        for group in groups
    ]  # fmt: skip
    order = sorted(range(len(groups)), key=far.__getitem__)
    nearest, second = far[order[0]], far[order[1]]
    if second < 2 * nearest or second - nearest < CLEARLY_NEARER_M:
        return groups, heads, rivals
    return [groups[order[0]]], (heads[order[0]],), (*(heads[at] for at in order[1:]), *rivals)


def _edge(entry: Entry, place: Entry) -> float:
    """Metres from a locality's middle to the reach of an entry."""
    return max(distance(entry, place) - entry.radius_m, 0.0)


def _groups(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries parted into groups of neighbours, in the order of their first members."""
    groups: list[list[Entry]] = []
    for entry in entries:
        touching = [group for group in groups if any(_neighbours(entry, member) for member in group)]
        merged = [entry]
        for group in touching:
            merged = group + merged
            groups.remove(group)
        groups.append(merged)
    return groups


def _neighbours(one: Entry, other: Entry) -> bool:
    limit = max(_NEIGHBOURS_M.get(one.kind, 0.0), _NEIGHBOURS_M.get(other.kind, 0.0))
    if one.kind in {Kind.STREET, Kind.PLACE}:
        limit += one.radius_m + other.radius_m
    return distance(one, other) <= limit


def _representative(group: Sequence[Entry], agreement: Agreement) -> Entry:
    """The entry that stands for one thing: the piece of a street in the very postcode, else the whole of it.

    Among equals the first, so that the answer does not change with the order of the reports.
    """
    if agreement is Agreement.SAME_POSTCODE or group[0].kind is Kind.ADDRESS:
        return min(group, key=lambda entry: (entry.radius_m, entry.entry_id))
    return min(group, key=lambda entry: (-entry.radius_m, entry.entry_id))


def _head(group: Sequence[Entry], agreeing: Sequence[Entry], agreement: Agreement) -> Entry:
    """The entry that stands for one thing, or for the part of a long street that is listed under the locality."""
    head = _representative(group, agreement)
    # Not its pieces by postcode: the next one has the same locality.
    listed = [entry for entry in agreeing if not entry.postcode_norm]
    if agreement is Agreement.LOCALITY and head.radius_m > LONG_STREET_M and listed:
        head, group = _representative(listed, agreement), listed
    if head.kind is not Kind.STREET or agreement is Agreement.SAME_POSTCODE:
        return head
    reach = max(head.radius_m, *(distance(head, entry) for entry in group))
    precision = Precision.AREA if reach > LONG_STREET_RADIUS_M else head.precision
    return replace(head, radius_m=reach, precision=precision)


def candidate(entry: Entry, score: float) -> Candidate:
    """An entry as a candidate to show to a person."""
    return Candidate(
        entry.name,
        entry.kind.value,
        entry.x,
        entry.y,
        entry.precision,
        entry.radius_m,
        round(score, 3),
        entry.gazetteer,
        entry.locality_norm.replace("|", ", ").title(),
    )


def candidates(entries: Iterable[Entry], *, score: float) -> tuple[Candidate, ...]:
    """At most ten candidates, each a step less likely than the one before."""
    kept = list(dict.fromkeys(entries))[:MOST_CANDIDATES]
    return tuple(candidate(entry, score * (1 - 0.02 * place)) for place, entry in enumerate(kept))
