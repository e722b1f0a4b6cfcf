"""The words of a location, resolved against a gazetteer: address, place, junction, street, postcode, area, or nothing.

Works on many questions at once: everything that could be asked is fetched first, then each question is answered from
what was fetched. A spelling is mended only where nothing is known as written.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from cs_geo.geocode.addresses import StreetReading
from cs_geo.geocode.choosing import LONG_STREET_M, Agreement, Choice, Chooser, candidates, distance
from cs_geo.geocode.default_locations import DefaultLocations
from cs_geo.geocode.gazetteer import TERMINATED, Entry, Gazetteer, Kind
from cs_geo.geocode.match import UNMATCHED, Confidence, Match, Method, Precision
from cs_geo.geocode.questions import Answers, Question, mended

SURE_WITHIN_M = 150.0
"""Largest radius of high confidence. A radius holds 95% and high is promised to be within 250 m in 99%."""
SAME_PLACE_M = 250.0
"""Two spellings that lead to points no further apart than this lead to one answer."""
NEXT_DOOR_M = 75.0
"""Radius of a house placed by a house up to four numbers away."""
VAGUE_AREA_M = 500.0
"""Least radius of an area known only as the locality of something that was not found."""
NEAR_BY_M = 100.0
"""Added to the radius where the text says "near" or "behind"."""
_NEAR_BY = frozenset(
    {"near", "nr", "near to", "close to", "around", "by", "in the area of", "area of", "vicinity of",
     "in the vicinity of", "behind", "off", "rear of", "at the rear of", "to the rear of"}
)  # fmt: skip
_LIKELY_SPELLING = 0.9
"""Least similarity of a mended spelling that nothing else in the report supports: one edit in ten letters."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the words came to, and the entry of the postcode among them."""

    match: Match
    postcode: Entry | None


@dataclass(frozen=True, slots=True)
class _Found:
    """What one way of reading came to: a match, or the things it might have been and why it is none of them."""

    match: Match | None
    agreement: Agreement = Agreement.UNKNOWN
    rivals: tuple[Entry, ...] = ()
    problem: str = ""
    house: bool = False
    """Was it a house that was found, by its very number or name?"""
    entry: Entry | None = None


_NOT_FOUND = _Found(None)


class Resolver:
    """Resolves questions against one gazetteer."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        *,
        study_area: BaseGeometry | None,
        registered: Mapping[str, Entry],
        defaults: DefaultLocations,
    ) -> None:
        """``registered`` is by normalised name and alias."""
        self._gazetteer, self._registered, self._defaults = gazetteer, registered, defaults
        self._flags: dict[str, bool] = {}
        self._inside: Callable[[float, float], bool] | None = None
        if study_area is not None:
            shapely.prepare(study_area)
            self._inside = lambda x, y: bool(shapely.contains_xy(study_area, x, y))

    def resolve(self, questions: Sequence[Question]) -> dict[Question, Words]:
        """What the words of each question come to."""
        if not questions:
            return {}
        chooser = Chooser(Answers(questions, self._gazetteer), self._inside)
        found = {question: self._exact(question, chooser) for question in questions}
        lost = [question for question, exact in found.items() if exact == _NOT_FOUND]
        found |= self._in_another_spelling(lost)
        return {question: self._concluded(question, exact, chooser) for question, exact in found.items()}

    def flagged(self, match: Match, names: Iterable[str]) -> Match:
        """The match, flagged where it rests on a default location by its entry or by what was written."""
        if match.x is None or not (match.default_location or any(self._is_default(name) for name in names if name)):
            return match
        confidence = at_most(match.confidence, Confidence.MEDIUM)
        return replace(match, default_location=True, confidence=confidence, problem=match.problem or "default_location")

    def _is_default(self, name: str) -> bool:
        if name not in self._flags:
            self._flags[name] = bool(self._defaults.reference_of(name))
        return self._flags[name]

    # --- as written ------------------------------------------------------------------------------------------------

    def _exact(self, question: Question, chooser: Chooser) -> _Found:
        """The first reading that gives one thing; else the first that gives several."""
        several = _NOT_FOUND
        for read in (self._address, self._place, self._junction, self._street, self._late_place):
            found = read(question, chooser)
            if found.match is not None:
                return found
            if found.problem:
                return found if not several.rivals else several
            if found.rivals and not several.rivals:
                several = found
        return several

    def _address(self, question: Question, chooser: Chooser) -> _Found:
        rivals: tuple[Entry, ...] = ()
        agreement = Agreement.UNKNOWN
        for keys, next_door in ((question.address_keys, False), (question.next_door_keys, True)):
            for key in keys:
                choice = chooser.choose(chooser.answers.addresses.get(key, ()), question)
                if choice.entry is None and choice.rivals and not rivals and not next_door:
                    rivals, agreement = choice.rivals, choice.agreement
                vague = next_door or not chooser.reads_whole(question.reading_of(key[1]))
                if choice.entry is None or (vague and choice.agreement <= Agreement.UNKNOWN):
                    continue
                one_street = choice.agreement >= Agreement.POSTCODE or chooser.count_of_streets(key[1], question) <= 1
                match = _match_of(choice, Method.ADDRESS, question, sure=one_street)
                if next_door:
                    match = replace(match, precision=Precision.STREET, radius_m=max(NEXT_DOOR_M, choice.entry.radius_m))
                return _Found(match, choice.agreement, entry=choice.entry)
        return _Found(None, agreement, rivals, house=True)

    def _place(self, question: Question, chooser: Chooser) -> _Found:
        return self._place_named(question.names, question, chooser)

    def _late_place(self, question: Question, chooser: Chooser) -> _Found:
        return self._place_named(question.late_names, replace(question, streets=()), chooser)

    def _place_named(self, names: Sequence[str], question: Question, chooser: Chooser) -> _Found:
        rivals: tuple[Entry, ...] = ()
        agreement = Agreement.UNKNOWN
        streets = [reading.street for reading in question.streets]
        for name in names:
            registered = self._registered.get(name)
            if registered is not None and registered.precision.clusters:
                choice = Choice(registered, Agreement.LOCALITY)
            else:
                precise = [entry for entry in chooser.answers.named(name, Kind.PLACE) if entry.precision.clusters]
                others = [*streets, *(other for other in names if other != name)]
                choice = chooser.choose(precise, question, localities=others)
            # A name before a street is often a shop or a block of many: it must lie on that street to be the one.
            if choice.entry is not None and (choice.agreement > Agreement.UNKNOWN or not question.streets):
                return _Found(_match_of(choice, Method.PLACE, question), choice.agreement, entry=choice.entry)
            if choice.rivals and not rivals:
                rivals, agreement = choice.rivals, choice.agreement
        return _NOT_FOUND if question.streets else _Found(None, agreement, rivals)

    def _junction(self, question: Question, chooser: Chooser) -> _Found:
        for pair in question.junctions:
            choice = chooser.choose(chooser.answers.junctions.get(pair, ()), question)
            if choice.entry is not None:
                one_area = self._inside is not None and choice.agreement is Agreement.UNKNOWN
                agreement = Agreement.LOCALITY if one_area else choice.agreement
                choice = replace(choice, agreement=agreement)
                return _Found(_match_of(choice, Method.JUNCTION, question), choice.agreement, entry=choice.entry)
            if choice.rivals:
                return _Found(None, rivals=choice.rivals)
        for pair in question.junctions:
            both = [chooser.choose(chooser.answers.named(name, Kind.STREET), question) for name in pair]
            if all(choice.entry or choice.rivals for choice in both):
                ends = [entry for choice in both for entry in (choice.entry, *choice.rivals) if entry]
                return _Found(None, rivals=tuple(ends), problem="junction_not_found")
        return _NOT_FOUND

    def _street(self, question: Question, chooser: Chooser) -> _Found:
        # Without a kind of street in it a name may still be one: "Ballaquark".
        for reading in question.streets or [StreetReading(name) for name in question.names]:
            choice = self._street_choice(reading, question, chooser)
            if choice.entry is not None:
                match = _street_match(choice, reading, question, chooser)
                return _Found(match, choice.agreement, entry=choice.entry)
            if choice.rivals:
                return _Found(None, choice.agreement, choice.rivals)
        return _NOT_FOUND

    def _street_choice(self, reading: StreetReading, question: Question, chooser: Chooser) -> Choice:
        entries = chooser.answers.named(reading.street, Kind.STREET)
        choice = chooser.choose(entries, question, localities=[reading.locality] if reading.locality else ())
        if choice.entry is not None and not chooser.reads_whole(reading) and choice.agreement <= Agreement.UNKNOWN:
            return replace(choice, entry=None, rivals=(choice.entry, *choice.rivals))
        return choice

    # --- in another spelling -----------------------------------------------------------------------------------------

    def _in_another_spelling(self, lost: Sequence[Question]) -> dict[Question, _Found]:
        """What questions of which nothing was found as written come to in the spellings that are known."""
        spellings = mended(lost, self._gazetteer)
        if not spellings:
            return {}
        every = list(dict.fromkeys(version for versions in spellings.values() for version in versions))
        chooser = Chooser(Answers(every, self._gazetteer), self._inside)
        return {question: self._likeliest(versions, chooser) for question, versions in spellings.items()}

    def _likeliest(self, versions: Sequence[Question], chooser: Chooser) -> _Found:
        """The one thing that the best spellings lead to, never of high confidence."""
        tried = [(version, self._exact(version, chooser)) for version in versions]
        hits = sorted(
            (-found.agreement, -version.similarity, at)
            for at, (version, found) in enumerate(tried)
            if found.match is not None
        )
        entries = (entry for _, found in tried for entry in (found.entry, *found.rivals) if entry is not None)
        undecided = _Found(None, rivals=tuple(dict.fromkeys(entries)), problem="similar_name")
        if not hits:
            return undecided
        best = [tried[at] for agreement, similarity, at in hits if (agreement, similarity) == hits[0][:2]]
        version, found = best[0]
        match = found.match
        alone = match is not None and all(_apart(match, other.match) <= SAME_PLACE_M for _, other in best)
        supported = found.agreement > Agreement.UNKNOWN
        if match is None or not alone or (not supported and version.similarity < _LIKELY_SPELLING):
            return undecided
        confidence = at_most(match.confidence, Confidence.MEDIUM if supported else Confidence.LOW)
        return replace(found, match=replace(match, confidence=confidence, problem=match.problem or "similar_name"))

    # --- postcode, area, nothing -------------------------------------------------------------------------------------

    def _concluded(self, question: Question, found: _Found, chooser: Chooser) -> Words:
        """The match by words, falling back to the postcode, then to the area, then to none."""
        postcode = chooser.postcode_entry(question.postcode)
        match = found.match
        if match is None and postcode is not None:
            match = _postcode_match(postcode, found)
        if match is None:
            match, rivals = self._area_match(question, found, chooser)
            if match is None:
                problem = _why_not(question, found, rivals)
                match = replace(UNMATCHED, alternatives=candidates(rivals, score=0.5), problem=problem)
        if not match.problem and question.postcode and postcode is None:
            match = replace(match, problem="postcode_not_found")
        elif not match.problem and question.postcode_written and not question.postcode:
            match = replace(match, problem="postcode_unreadable")
        if match.x is not None and match.y is not None and self._inside and not self._inside(match.x, match.y):
            match = replace(match, problem="outside_study_area", confidence=Confidence.LOW)
        return Words(self.flagged(match, (*question.names, *question.late_names)), postcode)

    def _area_match(
        self, question: Question, found: _Found, chooser: Chooser
    ) -> tuple[Match | None, tuple[Entry, ...]]:
        """The first area that the words name for certain, for counting by area, and the rivals met on the way."""
        rivals = found.rivals
        for name in question.area_names:
            registered = self._registered.get(name)
            entries = chooser.answers.named(name, Kind.AREA, Kind.PLACE)
            choice = Choice(registered, Agreement.LOCALITY) if registered else chooser.choose(entries, question)
            if choice.entry is None:
                rivals = rivals or choice.rivals
                continue
            match = _match_of(choice, Method.AREA, question)
            whole = choice.entry.precision is Precision.AREA
            radius = choice.entry.radius_m if whole else max(choice.entry.radius_m, VAGUE_AREA_M)
            problem = found.problem or ("ambiguous_name" if _several(found) else "area_only")
            match = replace(
                match, precision=Precision.AREA, radius_m=radius, confidence=Confidence.MEDIUM, problem=problem
            )
            return replace(match, alternatives=candidates(found.rivals, score=0.5)), rivals
        return None, rivals


def at_most(confidence: Confidence, limit: Confidence) -> Confidence:
    """The lower of two confidences."""
    order = (Confidence.NONE, Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
    return min(confidence, limit, key=order.index)


def _match_of(choice: Choice, method: Method, question: Question, *, sure: bool = True) -> Match:
    """The match of a chosen entry: high only where something agrees and it does not reach far."""
    entry = choice.entry
    if entry is None:
        raise ValueError("Only a choice that came to one entry is a match.")
    radius = entry.radius_m + (NEAR_BY_M if question.parts.relation in _NEAR_BY else 0.0)
    agreed = choice.agreement >= Agreement.LOCALITY or (choice.agreement > Agreement.UNKNOWN and not choice.rivals)
    high = sure and agreed and radius <= SURE_WITHIN_M
    return Match(
        entry.x, entry.y, method, entry.precision, radius, Confidence.HIGH if high else Confidence.MEDIUM, entry.name,
        entry.gazetteer, candidates(choice.rivals, score=0.5), entry.default_location,
    )  # fmt: skip


def _street_match(choice: Choice, reading: StreetReading, question: Question, chooser: Chooser) -> Match:
    """A street as a whole, or the stretch of it beside the postcode where the whole reaches further."""
    match = _match_of(choice, Method.STREET, question)
    postcode = chooser.postcode_entry(question.postcode)
    if choice.agreement is Agreement.POSTCODE and choice.entry is not None and postcode is not None:
        match = _beside_postcode(match, choice, postcode)
    if not chooser.reads_whole(reading):
        match = replace(match, confidence=at_most(match.confidence, Confidence.MEDIUM), problem="part_of_name")
    if (match.radius_m or 0.0) > LONG_STREET_M:
        match = replace(match, confidence=Confidence.LOW, problem="long_street")
    return match


def _beside_postcode(match: Match, choice: Choice, postcode: Entry) -> Match:
    """The known point of the street that is nearest to the postcode, or the postcode where none is near.

    The report is on the street and in the postcode, so it lies no further from that point than the postcode reaches.
    """
    if (match.radius_m or 0.0) <= postcode.radius_m:
        return match
    nearest = min(choice.group, key=lambda entry: (distance(entry, postcode), entry.entry_id))
    apart = distance(nearest, postcode)
    if apart > postcode.radius_m + NEAR_BY_M:
        return replace(_postcode_match(postcode, _NOT_FOUND), matched_name=f"{match.matched_name}, {postcode.name}")
    radius = min(max(nearest.radius_m, postcode.radius_m), apart + postcode.radius_m)
    sure = radius <= SURE_WITHIN_M and postcode.radius_m <= SURE_WITHIN_M
    return replace(
        match, x=nearest.x, y=nearest.y, radius_m=radius, precision=Precision.STREET,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
    )  # fmt: skip


def _postcode_match(postcode: Entry, found: _Found) -> Match:
    """A postcode by its centre; doubtful where the address is known, but elsewhere."""
    against = found.house and found.agreement is Agreement.AGAINST
    problem = "address_and_postcode_disagree" if against else ""
    if not problem and postcode.feature == TERMINATED:
        problem = "postcode_terminated"
    if not problem and postcode.precision is Precision.AREA:
        problem = "area_only"
    sure = not problem and postcode.radius_m <= SURE_WITHIN_M
    confidence = Confidence.LOW if against else Confidence.HIGH if sure else Confidence.MEDIUM
    return Match(
        postcode.x, postcode.y, Method.POSTCODE, postcode.precision, postcode.radius_m, confidence, postcode.name,
        postcode.gazetteer, candidates(found.rivals, score=0.5), False, problem,
    )  # fmt: skip


def _why_not(question: Question, found: _Found, rivals: Sequence[Entry]) -> str:
    """Why nothing was matched."""
    if found.problem:
        return found.problem
    if rivals and (found.agreement is not Agreement.AGAINST or not found.rivals):
        return "ambiguous_name"
    if question.postcode:
        return "postcode_not_found"
    if question.empty:
        return "postcode_unreadable" if question.postcode_written else "no_location"
    return "not_found"


def _several(found: _Found) -> bool:
    """Did a name come to several things, none of which the rest of the report rules out?"""
    return bool(found.rivals) and found.agreement is not Agreement.AGAINST


def _apart(one: Match, other: Match | None) -> float:
    if other is None or one.x is None or one.y is None or other.x is None or other.y is None:
        return math.inf
    return math.hypot(one.x - other.x, one.y - other.y)
