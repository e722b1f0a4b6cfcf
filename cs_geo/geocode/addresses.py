"""An address as people write it, taken apart: number, unit, house name, street, localities, postcode; and junctions.

Nothing here knows which streets exist. Where a text can be read in several ways all readings are given, best first,
and the cascade keeps the one that the gazetteer knows.
"""

import re
from dataclasses import dataclass

from cs_geo.geocode.names import COMPASS_WORDS, STREET_TYPES, ends_like_a_street, find_postcode, normalise_name

_NUMBER_WORD = r"\d{1,4}\s?[a-z]?(?:\s*(?:-|–|—|/|&|and|to)\s*\d{1,4}[a-z]?)?"
_NUMBER_RANGE = re.compile(r"^(\d{1,4})([a-z]?)\s*(?:-|–|—|/|&|and|to)\s*(\d{1,4})([a-z]?)$", re.I)
_NUMBER = re.compile(r"^(\d{1,4})\s?([a-z])?$", re.I)
_LONGEST_RANGE = 40
"""House numbers between the ends of one range that are believed: "1-151" is a block's span, not 76 front doors."""
_NUMBERED = re.compile(rf"^(?:no\.?\s+|number\s+)?({_NUMBER_WORD})[\s,.]+(?=\D)(.+)$", re.I)
_NUMBER_ONLY = re.compile(rf"^(?:no\.?\s+|number\s+)?({_NUMBER_WORD})$", re.I)
_NUMBER_INSIDE = re.compile(rf"^(\D.*?)\s+({_NUMBER_WORD})\s+(\D.*)$", re.I)
_UNIT = re.compile(
    r"^((?:flat|unit|apartment|apt|suite|room|shop|stall|kiosk|plot|office|studio|pitch)s?\.?\s+(?:no\.?\s+)?"
    r"(?:[a-z]?\d+[a-z]?|[a-z])(?:\s*(?:-|–|/|&|and|to)\s*(?:\d+[a-z]?|[a-z]\b))?|"
    r"(?:ground|first|second|third|1st|2nd|3rd|top|lower ground)\s+floor(?:\s+flat)?)(?![a-z0-9])[\s,]*(.*)$",
    re.I,
)
_RELATION = re.compile(
    r"^(?:directly\s+|just\s+|right\s+)?(outside|opposite|opp|o/s|in front of|front of|at the rear of|rear of|"
    r"to the rear of|behind|next to|adjacent to|adj to|adj|beside|alongside|near to|near|nr|close to|around|by|"
    r"in the area of|area of|vicinity of|in the vicinity of|inside|within|at|in|on|off)\b[.:]?\s+(.+)$",
    re.I,
)
_ON_OR_NEAR = re.compile(
    r"^\s*on or near\s+", re.I
)  # data.police.uk: the point stands for the street, nothing is meant
_PARTING = re.compile(r"[,;\n\r()\[\]|]+|(?<!\d)\s-\s|\s-\s(?!\d)")  # "109 - 111" is a range of numbers
_LONGEST_TEXT = 300
"""Characters of a text that are read: the longest address of the food-hygiene data has 133."""


@dataclass(frozen=True, slots=True)
class AddressParts:
    """What an address says, normalised; "" and () where it does not say."""

    number: str = ""
    """House number or range, "12a", "109-113"."""
    unit: str = ""
    """Flat or unit: "flat 2", "unit b"."""
    name: str = ""
    """House name, or the name of premises or of a place, before the street."""
    street: str = ""
    other_streets: tuple[str, ...] = ()
    """Other parts that end in a kind of street: "1 Lake Terrace, High Street" has a terrace and a street."""
    localities: tuple[str, ...] = ()
    postcode: str = ""
    pieces: tuple[str, ...] = ()
    """Every part between commas in order, as a whole."""
    relation: str = ""
    """"outside", "near"…, where the text begins with it; the pieces are without it."""

    @property
    def house_keys(self) -> tuple[str, ...]:
        """What may stand in ``number_norm`` of the gazetteer for this house, most telling first."""
        keys = (*house_numbers(self.number), self.name, self.unit if not self.number else "")
        return tuple(dict.fromkeys(key for key in keys if key))


def house_numbers(text: str) -> tuple[str, ...]:
    """The normalised house numbers that a written number stands for, as written first.

    "12 A" is ("12a",); "109-113" is ("109-113", "109", "111", "113"); several parted by commas are all of them; what
    is not a number is ().
    """
    numbers: list[str] = []
    for part in re.split(r"[;,]", text.casefold()):
        part = re.sub(r"^no\.?\s+", "", part.strip())
        single, several = _NUMBER.match(part), _NUMBER_RANGE.match(part)
        if single:
            numbers.append((single[1].lstrip("0") or "0") + (single[2] or ""))
        elif several:
            numbers += _range(several)
    return tuple(dict.fromkeys(numbers))


def _range(found: re.Match[str]) -> list[str]:
    first, last = int(found[1]), int(found[3])
    ends = [f"{first}{found[2]}", f"{last}{found[4]}"]
    whole = "-".join(ends)
    if found[2] or found[4] or not 0 < last - first <= _LONGEST_RANGE:
        return [whole, *ends]
    step = 2 if (last - first) % 2 == 0 else 1
    return [whole, *(str(number) for number in range(first, last + 1, step))]


def split_address(text: str, *, locality: str = "") -> AddressParts:
    """Take an address apart.

    The street is the part with a house number, else the first part that ends in a kind of street; what stands before
    it is a name, what stands after it are localities. Without either there is no street, the first part is the name.
    """
    postcode, rest = find_postcode(text[:_LONGEST_TEXT])
    rest = _ON_OR_NEAR.sub("", rest)
    found = _RELATION.match(rest.strip())
    relation, rest = (found[1].casefold(), found[2]) if found else ("", rest)
    raw = [part.strip(" .") for part in _PARTING.split(rest)]
    pieces, unit = _joined([part for part in raw if part])
    at, number, street = _street_piece(pieces)
    norms = [normalise_name(piece) for piece in pieces]
    after = norms[at + 1 :] if at is not None else norms[1:]
    before = norms[:at] if at is not None else norms[:1]
    if at is not None:
        inside = _NUMBER_INSIDE.match(pieces[at])
        if inside and number and not _NUMBERED.match(pieces[at]):
            before.append(normalise_name(inside[1]))
    given = [normalise_name(part) for part in _PARTING.split(locality)]
    return AddressParts(
        number=(house_numbers(number) or ("",))[0],
        unit=unit,
        name=next((name for name in before if name), ""),
        street=normalise_name(street),
        other_streets=tuple(
            norm for index, norm in enumerate(norms) if at is not None and index != at and ends_like_a_street(norm)
        ),
        localities=tuple(dict.fromkeys(name for name in (*after, *given) if name)),
        postcode=postcode,
        pieces=tuple(name for name in norms if name),
        relation=relation,
    )


def _joined(parts: list[str]) -> tuple[list[str], str]:
    """The parts without the unit, and with a number that stands alone put before the part that follows it."""
    joined: list[str] = []
    unit = waiting = ""
    for part in parts:
        found = _UNIT.match(part)
        if found and not unit:
            unit, part = normalise_name(found[1]), found[2].strip()
        if part and _NUMBER_ONLY.match(part) and not waiting:
            waiting = part
        elif part:
            joined.append(f"{waiting} {part}".strip())
            waiting = ""
    return joined, unit


def _street_piece(pieces: list[str]) -> tuple[int | None, str, str]:
    """Which part holds the street, with its house number and the street as written."""
    numbered: list[tuple[int, str, str]] = []
    for index, piece in enumerate(pieces):
        found = _NUMBERED.match(piece)
        if found:
            numbered.append((index, found[1], found[2]))
            continue
        inside = _NUMBER_INSIDE.match(piece)
        if inside and _holds_a_street(inside[3]):
            numbered.append((index, inside[2], inside[3]))
    for index, number, street in numbered:
        if _holds_a_street(street):
            return index, number, street
    for index, piece in enumerate(pieces):
        if ends_like_a_street(normalise_name(piece)) and not numbered:
            return index, "", piece
    if numbered:
        return numbered[0]
    return next(((index, "", piece) for index, piece in enumerate(pieces) if _holds_a_street(piece)), (None, "", ""))


def _holds_a_street(text: str) -> bool:
    words = normalise_name(text).split()
    return ends_like_a_street(" ".join(words)) or any(word in STREET_TYPES for word in words[1:])


@dataclass(frozen=True, slots=True)
class StreetReading:
    """One way to read the street of an address."""

    street: str
    whole: bool = True
    """False where words before it were left out, so that it may be another street: "mill lane" of "old mill lane"."""
    locality: str = ""
    """The words after the kind of street, where no comma parts them: "bebington" of "church road bebington"."""


def street_readings(street: str) -> tuple[StreetReading, ...]:
    """The ways to read a normalised street, best first: as it stands, without what follows, without what precedes."""
    if not street:
        return ()
    words = street.split()
    readings = [StreetReading(street)]
    # Where the whole ends in a kind of street, what follows an earlier one is no locality: "Summer Hill Place".
    inside = range(1, len(words)) if not ends_like_a_street(street) else range(0)
    for at in reversed([at for at in inside if words[at] in STREET_TYPES]):
        end = at + 1
        while end < len(words) and words[end] in COMPASS_WORDS:
            end += 1
        if end < len(words):
            readings.append(StreetReading(" ".join(words[:end]), locality=" ".join(words[end:])))
    if ends_like_a_street(street):
        first_kind = max(at for at in range(len(words)) if words[at] in STREET_TYPES)
        readings += [StreetReading(" ".join(words[at:]), whole=False) for at in range(1, first_kind)][-3:]
    return tuple(dict.fromkeys(readings))


# --- junctions --------------------------------------------------------------------------------------------------------

_JUNCTION_WORDS = re.compile(
    r"\b(?:(?:near|at|by)\s+)?(?:the\s+)?(?:junction|junct|junc|jct|jcn|corner|cnr|crossroads|intersection)\s*"
    r"(?:of|with|w/)?\s+|\s+j/?w\s+",
    re.I,
)
_SURE_PARTING = re.compile(r"\s*(?:/|\\|\||@)\s*")
_POSSIBLE_PARTING = re.compile(r"\s+(?:and|with|at|x|near|off|meets)\s+|\s*&\s*|\s*\+\s*", re.I)


def split_junction(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of streets that a text may name, normalised, most likely first; () where it names no junction.

    "A / B", "A & B", "junction of A and B", "A at B", "corner of A and B". A name may hold an "and" itself ("Bat and
    Ball Lane"), so a text is parted at each "and" in turn, and without the word "junction" or a stroke at least one
    side must end in a kind of street.
    """
    text = _ON_OR_NEAR.sub("", text[:_LONGEST_TEXT])
    for piece in _PARTING.split(text):
        pairs = _pairs(piece.strip())
        if pairs:
            return pairs
    whole = _JUNCTION_WORDS.search(text)
    return _pairs(text.replace(",", " ")) if whole else ()


def _pairs(piece: str) -> tuple[tuple[str, str], ...]:
    said = _JUNCTION_WORDS.search(piece)
    if said and piece[: said.start()].strip():
        return _named((piece[: said.start()], piece[said.end() :]), sure=True)
    if said:
        piece = piece[said.end() :]
    sure = _SURE_PARTING.split(piece)
    if len(sure) >= 2 and not re.fullmatch(r"\d+[a-z]?", sure[0].strip(), re.I):
        return _named((sure[0], sure[1]), sure=True)
    pairs: list[tuple[str, str]] = []
    for parting in _POSSIBLE_PARTING.finditer(piece):
        pairs += _named((piece[: parting.start()], piece[parting.end() :]), sure=said is not None)
    # The evener parting first: "Bat and Ball Lane and Mill Road" is parted at its second "and".
    pairs.sort(key=lambda pair: -sum(map(ends_like_a_street, pair)))
    return tuple(pairs)


def _named(sides: tuple[str, str], *, sure: bool) -> tuple[tuple[str, str], ...]:
    one, other = (normalise_name(re.sub(r"^\s*(?:of|with|the)\s+", "", side, flags=re.I)) for side in sides)
    kind = other.rsplit(" ", 1)[-1]
    if kind.endswith("s") and kind[:-1] in STREET_TYPES and kind not in STREET_TYPES and not ends_like_a_street(one):
        one, other = f"{one} {kind[:-1]}", other[:-1]  # "High and Mill Streets"
    if not one or not other or one == other:
        return ()
    if not sure and not (ends_like_a_street(one) or ends_like_a_street(other)):
        return ()
    return ((one, other),)
