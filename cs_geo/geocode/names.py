"""Names and postcodes in the one spelling under which they are stored and looked up.

``normalise_name`` and ``normalise_postcode`` are applied to both sides, gazetteer and report, so that "St. John's Rd",
"Saint Johns Road" and "ST JOHNS ROAD" meet. Both are idempotent. Neither guesses: what cannot be a postcode is the
empty string, and a misspelt name stays misspelt until ``name_similarity`` compares it.
"""

import re
import unicodedata

from rapidfuzz.distance import OSA


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that may end a street's name: used to tell the street from a building or a locality in an address, and "St" for
# street from "St" for saint. Last words of the street names of data.police.uk (Merseyside, City of London) and of the
# named highways of the Isle of Man, with four beside them (arcade, common, pavement, plaza) and without those that name
# a place more often ("park", "estate", "village").
STREET_TYPES = _words(
    "alley approach arcade avenue bank boulevard bridge broadway brow causeway chase circus close common copse corner "
    "cottages court courtyard crescent cross croft dale dell dene drive embankment esplanade fields fold footpath "
    "gardens garth gate ginnel glade glen green grove heights hey heys hill lane lawn lawns lea leas link loop mall "
    "mead meade meadow meadows mews mount orchard parade parkway pass passage path pavement place plaza promenade quay "
    "rake ridge rise road row slipway square steps street terrace trail turn vale view villas walk way wharf wood yard"
)

_COMPASS = {"n": "north", "s": "south", "e": "east", "w": "west"}
COMPASS_WORDS = frozenset(_COMPASS.values()) | {"upper", "lower"}

_ANYWHERE = {
    "rd": "road", "ave": "avenue", "av": "avenue", "avn": "avenue", "ln": "lane", "la": "lane", "cl": "close",
    "clo": "close", "cres": "crescent", "crsnt": "crescent", "cresc": "crescent", "gdns": "gardens", "gdn": "garden",
    "gro": "grove", "grv": "grove", "sq": "square", "ter": "terrace", "terr": "terrace", "tce": "terrace",
    "blvd": "boulevard", "bvd": "boulevard", "wlk": "walk", "pde": "parade", "prom": "promenade", "hse": "house",
    "bldg": "building", "bldgs": "buildings", "est": "estate", "ind": "industrial", "ctr": "centre",
    "cntr": "centre", "center": "centre", "centr": "centre", "stn": "station", "mt": "mount", "nth": "north",
    "sth": "south", "gt": "great", "upr": "upper", "lwr": "lower", "sch": "school", "hosp": "hospital",
    "cotts": "cottages", "cott": "cottage", "fm": "farm", "jnr": "junior", "prim": "primary", "shpg": "shopping",
    "str": "street", "rec": "recreation", "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth",
    "5th": "fifth", "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
}  # fmt: skip
"""Abbreviations that mean one thing wherever they stand."""
_AT_THE_END = {"dr": "drive", "ct": "court", "pl": "place", "pk": "park", "gr": "grove", "hl": "hill", "hts": "heights"}
"""Abbreviations that mean a kind of street only as the last word: "Dr Barnardo House" is a doctor's."""

_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_ON_OR_NEAR = ("on", "or", "near")


def normalise_name(text: str) -> str:
    """The spelling of a name under which it is stored and looked up: lower case, plain letters, words in full.

    Leading "on or near" (data.police.uk) and every "the" fall away; "&" is "and"; "St" is "saint" before a name and
    "street" after one. Letters without a plain form (another script) fall away, so the result may be empty.
    """
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("ø", "o").replace("Ø", "o")).casefold()
    words = _NOT_A_WORD.sub(" ", _APOSTROPHES.sub("", _without_accents(plain))).split()
    while tuple(words[:3]) == _ON_OR_NEAR and len(words) > 3:
        words = words[3:]
    words = [word for word in words if word != "the"] or words[:1]
    return " ".join(_in_full(words))


def _without_accents(text: str) -> str:
    return text if text.isascii() else "".join(letter for letter in text if not unicodedata.combining(letter))


def _in_full(words: list[str]) -> list[str]:
    full = [_ANYWHERE.get(word, word) for word in words]
    end = len(full)
    while end > 2 and (full[end - 1] in COMPASS_WORDS or full[end - 1] in _COMPASS):
        end -= 1  # in "Moss St West" and "Moss Ln W" the kind of street stands before the compass word
    last = end - 1
    if last > 0:
        full[last] = "street" if full[last] == "st" else _AT_THE_END.get(full[last], full[last])
        if full[last] in STREET_TYPES:
            full[end:] = [_COMPASS.get(word, word) for word in full[end:]]
    return ["saint" if word == "st" else word for word in full]


def ends_like_a_street(name: str) -> bool:
    """Does a normalised name end in a kind of street, compass words aside, with something before it or not?"""
    words = name.split()
    while len(words) > 1 and words[-1] in COMPASS_WORDS:
        words.pop()
    return bool(words) and words[-1] in STREET_TYPES


def name_similarity(one: str, other: str) -> float:
    """How alike two normalised names are, 0 to 1: one minus the edits (swapped neighbours count one) by length.

    0 where they differ in a number: "first avenue" and "third avenue" are different streets, and so are "unit 1" and
    "unit 7". 0 as well where the kinds of street differ: "mill road" is not a misspelt "mill lane".
    """
    if one == other:
        return 1.0
    if _numbers(one) != _numbers(other) or _kinds_differ(one, other):
        return 0.0
    return float(OSA.normalized_similarity(one, other))


_ORDINALS = _words("first second third fourth fifth sixth seventh eighth ninth tenth")


def _numbers(name: str) -> list[str]:
    return [word for word in name.split() if word in _ORDINALS or not word.isalpha()]


def _kinds_differ(one: str, other: str) -> bool:
    kind, other_kind = one.rsplit(" ", 1)[-1], other.rsplit(" ", 1)[-1]
    return kind != other_kind and kind in STREET_TYPES and other_kind in STREET_TYPES


# --- postcodes --------------------------------------------------------------------------------------------------------

# The postcode areas of Royal Mail's Postcode Address File, with the three Crown dependencies. Used only to choose
# between two readings of a slip ("LI5" is L15, because there is no area LI); a postcode of another area is taken as it
# stands, so that a fictional or a new area works.
_AREAS = _words(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G "
    "GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW "
    "OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC "
    "WD WF WN WR WS WV YO ZE"
)
_OUTWARD_SHAPES = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
_AS_DIGIT = {"O": "0", "I": "1", "L": "1"}
_AS_LETTER = {"0": "O", "1": "I"}
_THIRD = frozenset("ABCDEFGHJKPSTUW")
_FOURTH = frozenset("ABEHMNPRVWXY")
_INWARD_LETTERS = frozenset("ABDEFGHJLNPQRSTUWXYZ")  # never C, I, K, M, O or V
_LONGEST_TEXT = 300
_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
_EMBEDDED = re.compile(r"(?<![A-Z0-9])([A-Z]{1,2}[0-9][A-Z0-9]?)[ .\-]*([0-9][ABD-HJLNP-UW-Z]{2})(?![A-Z0-9])", re.I)


def normalise_postcode(text: str) -> str:
    """A full postcode as "BS27 3QA", or the empty string where the text is not one.

    Case, spaces and dots do not matter; O for 0 and I or l for 1 are mended where only the other can stand. A part of a
    postcode ("BL3") is not a postcode. From a longer text the last postcode in it is taken, without mending.
    """
    compact = _NOT_ALPHANUMERIC.sub("", text.upper())
    if len(compact) > 7:
        return find_postcode(text[:_LONGEST_TEXT])[0]
    if len(compact) < 5 or not compact.isascii():
        return ""
    inward = _AS_DIGIT.get(compact[-3], compact[-3]) + compact[-2:]
    if not inward[0].isdigit() or not set(inward[1:]) <= _INWARD_LETTERS:
        return ""
    outward = _outward(compact[:-3])
    return f"{outward} {inward}" if outward else ""


def _outward(text: str) -> str:
    """The outward code with the fewest mendings, one of a known area before one of an unknown."""
    if text == "GIR":
        return text
    readings: list[tuple[bool, int, str]] = []
    for shape in _OUTWARD_SHAPES:
        if len(shape) != len(text):
            continue
        read = "".join(
            (_AS_LETTER if wanted == "A" else _AS_DIGIT).get(letter, letter) if letter.isdigit() == (wanted == "A")
            else letter
            for letter, wanted in zip(text, shape, strict=True)
        )  # fmt: skip
        if all(letter.isalpha() == (wanted == "A") for letter, wanted in zip(read, shape, strict=True)) and _possible(
            read, shape
        ):
            area = read[: shape.index("9")]
            mended = sum(a != b for a, b in zip(read, text, strict=True))
            readings.append((area not in _AREAS, mended, read))
    return min(readings)[2] if readings else ""


def _possible(outward: str, shape: str) -> bool:
    if shape.endswith("99"):
        return outward[-2] != "0"  # districts are not written with a leading nought
    if shape == "A9A":
        return outward[-1] in _THIRD
    if shape == "AA9A":
        return outward[-1] in _FOURTH
    return True


def find_postcode(text: str) -> tuple[str, str]:
    """The last full postcode inside a text, normalised, and the text without it; ("", text) where there is none."""
    found = None
    for found in _EMBEDDED.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    if found is None:
        return "", text
    outward = _outward(found[1].upper())
    if not outward:
        return "", text
    return f"{outward} {found[2].upper()}", (text[: found.start()] + " " + text[found.end() :]).strip(" ,;")
