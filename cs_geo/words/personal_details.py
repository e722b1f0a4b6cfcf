"""What personal details look like in British writing: phone numbers, plates, dates of birth, ages and the rest.

Each ``Detail`` is a pattern, the words that stand in its place and, where a pattern alone would catch too much, a
second look. Where a match has a group ``x`` or ``y`` only that part is taken out and the words around it stay.

Patterns run over whatever a stranger's file holds. Each has bounded repeats or a guard in front that lets it start only
where a run of its letters starts, so that the time grows with the length of the text and not with its square.
Patterns miss names (practice.md §5.2): a person still reads a note before a partner sees it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

SecondLook = Callable[[re.Match[str], bool], bool]
"""Is it one after all? Told whether the text is a location."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One kind of personal detail: what it is called, what replaces it and how it is found."""

    name: str
    token: str
    pattern: re.Pattern[str]
    digits: int = 0
    """Fewest figures of a text that can hold it."""
    marks: tuple[str, ...] = ("",)
    """Small-letter strings one of which such a text holds. Both spare a pattern that could not match."""
    in_locations: bool = True
    """Is it taken out of a location too? Locations are made of house numbers, postcodes and odd names of shops."""
    second_look: SecondLook | None = None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


PHONE, EMAIL, WEB, HANDLE = "[phone removed]", "[e-mail removed]", "[web address removed]", "[handle removed]"
NHS, NUMBER, PLATE = "[NHS number removed]", "[number removed]", "[plate removed]"
BIRTH, AGE, HOUSE, POSTCODE = "[date of birth removed]", "[age]", "[house number removed]", "[postcode removed]"
WHOLE = "[text removed]"
NAME = "[name removed]"
"""Put in by the check of names (``words.names``), and never looked into by these patterns."""
TOKENS = (PHONE, EMAIL, WEB, HANDLE, NHS, NUMBER, PLATE, BIRTH, AGE, HOUSE, POSTCODE, WHOLE, NAME)

# --- Ways to be reached -----------------------------------------------------------------------------------------------
_LINK = _pattern(r"(?:https?://|(?<![\w.])www\.)[^\s\[\]<>\"']{0,2000}[^\s\[\]<>\"'.,;:!?)]")
_EMAIL = _pattern(r"(?<![\w.+'%-])[\w.+'%-]{1,64}+ (?:@|\ ?[(\[]at[)\]]\ ?) \w(?:[\w.-]{0,250}\w)?")
_DOMAINS = ("com", "org", "net", "info", "io", "app", "uk")
_SHORTENERS = ("me", "be", "ly", "gg", "tv", "to")
_DOMAIN = _pattern(
    rf"""(?<![\w@.-]) (?:[\w-]{{1,63}}\.){{1,8}}
    (?: (?:{"|".join(_DOMAINS)})\b (?:/[^\s\[\]]{{0,2000}})? | (?:{"|".join(_SHORTENERS)})/[^\s\[\]]{{1,2000}} )"""
)
_DOMAIN_MARKS = tuple(f".{end}" for end in (*_DOMAINS, *(f"{end}/" for end in _SHORTENERS)))
_AT_HANDLE = _pattern(r"(?<![\w@]) @ (?!\d{1,2}(?:[:.]\d{2})?(?:[ap]m)?(?!\w)) [\w][\w.@]{1,200}")
_NAMED_HANDLE = _pattern(
    r"""\b (?:snap(?:chat)?|insta(?:gram)?|tik\ ?tok|whats\ ?app|telegram|discord|user\ ?name|handle)
    \ ?(?:name|user|id|handle|account)?\ ?[:=]\ ?(?P<x>[^\s,;\[\]]{2,200})"""
)
# Without a colon only what no word looks like: letters with figures ("insta jd2010"), and no time of the day.
_SPOKEN_HANDLE = _pattern(
    r"""\b (?:snap(?:chat)?|insta(?:gram)?|tik\ ?tok|whats\ ?app|telegram|discord)
    (?:\ (?:name|user|id|handle|account|is|as|on))?\ (?P<x>(?=[a-z_.]{0,40}\d)[a-z_][\w.]{2,40})"""
)
_DATE_SHAPE = r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}(?!\d)"
_PHONE = _pattern(
    rf"""(?<![\d+]) (?<!\d[.,:/-]) (?!{_DATE_SHAPE})
    (?: (?:\+|00)\ ?\d{{1,3}}[ .-]?(?:\(0\))?(?:[ .()-]{{0,3}}\d){{7,12}}
      | \+\d{{1,3}}(?:[ ./_()-]{{0,3}}\d){{7,12}}
      | \(?0(?:[ .()-]{{0,3}}\d){{9,10}}
      | (?=(?:[/_ -]?\d){{10,11}}(?!\d)) 0\d{{2,4}}[/_]\d{{3,4}}[/_ -]?\d{{3,4}}  # not 01/04 02/04, which are days
      | 7\d{{3}}[ ./_-]?\d{{3}}[ ./_-]?\d{{3}} )  # a mobile number that a spreadsheet robbed of its nought
    (?!\d) (?![.,:/-]\d)"""
)
_CALLED_PHONE = _pattern(
    r"""\b(?:tel(?:ephone)?|phone|mob(?:ile)?|call(?:ed)?|text(?:ed)?|ring|rang)
    (?:\ (?:no|number|is|on|me))?[.:]?\ ?(?P<x>\d[\d ]{4,12}\d)(?!\d)"""
)
# "oh seven seven double oh, nine hundred ..." as it is said: from a nought on, eight more words for figures.
_SAID_FIGURE = r"(?:(?:double|treble|triple)[ -])?(?:o|oh|zero|nought|one|two|three|four|five|six|seven|eight|nine|\d)"
_SAID_PHONE = _pattern(rf"(?<![\w-])(?:oh|zero|nought)(?:[ ,.-]{{1,3}}{_SAID_FIGURE}(?!\w)){{8,12}}")

# --- Numbers of a person ----------------------------------------------------------------------------------------------
_CALLED_NHS = _pattern(r"\bnhs(?:\ ?(?:no|number|num))?[ .:#]{0,3}(?P<x>\d{3}[ ./_-]{0,3}\d{3}[ ./_-]{0,3}\d{4})(?!\d)")
_NHS = _pattern(r"(?<![\w./-])[1-9]\d{2}(?:[ -]{0,3}\d{3}[ -]{0,3}|(?P<sign>[./_])\d{3}(?P=sign))\d{4}(?![\w/-])")
_INSURANCE = _pattern(r"\b[A-Z]{2}\ ?\d{2}\ ?\d{2}\ ?\d{2}\ ?[A-D]\b")
_PUPIL = _pattern(r"\b[A-HJ-NP-RT-Z]\d{12}\b")
_POLICE = _pattern(r"(?<![\w/])(?:19|20)?\d{2}/\d{4,7}[A-HJ-NP-RT-Z]\b")


# The 100 km squares of the National Grid that hold land, each before the ten figures of a reference to a metre.
_GRID_SQUARE = _pattern(r"""\b(?P<letters>H[PTUW-Z]|N[A-DF-HJ-OR-UW-Z]|OV|S[CDEHJKM-PR-Z]|T[AFGLMQRV])\ ?$""")
_GRID_FIGURES = re.compile(r"\d{5} ?\d{5}")
_GRID_WORDS = frozenset({"NO", "SO", "SE", "ST"})
"""Squares whose letters are words too: before ten figures they name a square only in a location."""
_PHONE_WORD = _pattern(r"\b(?:tel(?:ephone)?|phone|mob(?:ile)?|call(?:ed)?|text(?:ed)?|ring|rang)\W*$")
_DEGREES = re.compile(r"00?\.\d{3}")


def _is_grid_reference(found: re.Match[str], is_location: bool) -> bool:
    """Are these the figures of "SJ 03456 90123"? Small letters name a square only where the text begins with them."""
    square = _GRID_SQUARE.search(found.string, max(0, found.start() - 4), found.start())
    if square is None or not _GRID_FIGURES.fullmatch(found[0]):
        return False
    letters = square["letters"]
    if not is_location:
        return letters.isupper() and letters not in _GRID_WORDS
    if not square.start():
        return True
    return letters.isupper() and not _PHONE_WORD.search(found.string, max(0, square.start() - 12), square.start())


def _is_phone(found: re.Match[str], is_location: bool) -> bool:
    """Not the fraction of a degree, nor a grid reference."""
    return not _DEGREES.match(found[0]) and not _is_grid_reference(found, is_location)


def _has_nhs_checksum(found: re.Match[str], is_location: bool) -> bool:
    """The tenth digit of an NHS number is reckoned from the nine before it, modulus 11 (NHS Data Dictionary)."""
    if _is_grid_reference(found, is_location):
        return False
    digits = [int(character) for character in found[0] if character.isdigit()]
    weighted: int = sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
    return (11 - weighted % 11) % 11 == digits[9]


def _is_email(found: re.Match[str], is_location: bool) -> bool:
    """Shops call themselves "Coffee@Market": in a location an e-mail address needs a domain."""
    return not is_location or "." in re.split(r"@|at[)\]]", found[0], maxsplit=1, flags=re.I)[-1]


def _has_six_digits(found: re.Match[str], _: bool) -> bool:
    return len(re.findall(r"\d", found["x"])) >= 6


# --- Vehicle plates ---------------------------------------------------------------------------------------------------
# Formats since 1963: AB12 CDE (since 2001), A123 BCD (prefix), ABC 123D (suffix). Written with a gap they look like a
# road or a postcode district before a short word ("A34 OFF", "CH41 and"), hence the second look.
_PLATE_NOW = _pattern(r"\b(?P<area>[A-HJ-PR-Y]{2})(?P<first_gap>[ -]?)\d{2}(?P<gap>[ -]?)(?P<letters>[A-HJ-PR-Z]{3})\b")
_PLATE_PREFIX = _pattern(r"\b[A-HJ-NPR-TV-Y](?P<n>\d{1,3})(?P<gap>\ ?)(?P<letters>[A-HJ-PR-Z]{3})\b")
_PLATE_SUFFIX = _pattern(r"\b(?P<letters>[A-HJ-PR-Z]{3})(?P<gap>\ ?)(?P<n>\d{1,3})[A-HJ-NPR-TV-Y]\b")
_PLATE_CALLED = re.compile(
    r"(?i:\b(?:reg(?:istration)?|number ?plate|plate|vrm)(?: (?:no|number|is|was|of|reads))*)[ :.#-]{1,3}"
    r"(?P<x>[A-Z]{1,3}[ -]?\d{1,4}(?:[ -][A-Z]{1,3})?|\d{1,4}[ -]?[A-Z]{1,3})\b"
)
_VEHICLE_WORD = _pattern(
    r"""\b(?:reg(?:istration)?|plates?|vrm|vehicle|car|van|bike|moped|scooter|motor(?:bike|cycle)|taxi|quad|lorry
    |truck|audi|bmw|ford|fiat|golf|polo|corsa|astra|focus|fiesta|mercedes|vauxhall|vw|toyota|nissan|skoda|kia
    |peugeot|renault)\b"""
)
_SHORT_WORDS = frozenset(
    """
    ace act add age ago aid air all and any apt arm art ask ate bad bag ban bar bat bay bed bee beg bet big bin
    bit bob box boy bus but buy cab can cap car cat ctr cut dad day den did die dig dim dog dry due ear eat elm
    end exit eye fab fan far fat fed few fit fix fly for fox fun gap gas gay get god got gun gym had has hat her
    hey him his hit hot how hut ice ill inn its jam jet job jog joy key kid lad law lay led leg let lid lie lot
    low mad man map may men met mix mob mum new nil nod non nor not now nun oak odd off old one our out own pad
    pan park pay pet pie pin pit plan pop pot pub put ran rat raw red rid rob row run sad sat saw say sea see set
    sex she shy sir sit six sky son spa sub sum sun tap tax tea ten the tie tip toe too top toy try two van vet
    via war was way wet who why win won yes yet you zoo
    """.split()  # noqa: SIM905 (a list would be two hundred lines)
)


_BEFORE_FIGURES = "am an as at be by do go he if in is it me my no of on or pm so to up us we"
_AFTER_FIGURES = (
    "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun mph kph hrs min sec yds yrs"
)


def _follows_vehicle_word(found: re.Match[str]) -> bool:
    return _VEHICLE_WORD.search(found.string, max(0, found.start() - 30), found.start()) is not None


def _is_plate_now(found: re.Match[str], is_location: bool) -> bool:
    if found["first_gap"]:
        return _is_plate_in_parts(found, is_location)
    if not found["gap"] or _follows_vehicle_word(found):
        return True
    if found["letters"].casefold() in _SHORT_WORDS:
        return False
    # In an address, letters that go on into a further word are the name of a street ("CH41 ASH Grove").
    return not (is_location and re.match(r" [A-Za-z]", found.string[found.end() : found.end() + 2]))


def _is_plate_in_parts(found: re.Match[str], is_location: bool) -> bool:
    """Two letters, two figures, three letters: a plate, or "on 14 Apr" and "at 30 mph"."""
    area, letters = found["area"].casefold(), found["letters"].casefold()
    if area in _BEFORE_FIGURES.split() or letters in _SHORT_WORDS or letters in _AFTER_FIGURES.split():
        return False
    return _follows_vehicle_word(found) or (not is_location and found["area"].isupper() and found["letters"].isupper())


def _is_old_plate(found: re.Match[str], is_location: bool) -> bool:
    letters = found["letters"]
    if _follows_vehicle_word(found):
        return True
    if letters.casefold() in _SHORT_WORDS:
        return False
    # With a gap and fewer figures it is a road or a bus before a word more often than a car of the 1980s.
    return not found["gap"] or (not is_location and letters.isupper() and len(found["n"]) == 3)


# --- Births and ages --------------------------------------------------------------------------------------------------
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = rf"""(?: \d{{1,4}}[./\ -]\d{{1,2}}[./\ -]\d{{2,4}}
    | {_NTH}(?:\ of)?[ -]{_MONTH}(?:[ ,-]{{0,2}}\d{{2,4}})?
    | {_MONTH}\ {_NTH}(?:,?\ \d{{4}})?
    | {_MONTH}[ ,-]{{0,2}}\d{{4}} | \d{{6,8}} | (?:19|20)\d{{2}} )(?!\d)"""
_BORN = r"(?:d\.?o\.?b(?![a-z])\.? | date\ of\ birth | birth\ ?da(?:te|y) | born)"
_BIRTH_MARKS = ("birth", "born", "dob", "d.o.b", "do.b", "d.ob")
_BIRTH = _pattern(rf"\b{_BORN}[^\d\[\]]{{0,25}}?(?P<x>{_DAY})")
# "b. 12/03/2010", and never "Flat 3b. 12/03/2026": a letter by itself, with its full stop.
_BORN_SHORT = _pattern(r"(?<![\w.])b\.\ ?(?P<x>\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d{2})(?![\d/])")
_BIRTH_BEFORE = _pattern(rf"(?<![\w/.-])(?P<x>{_DAY})[\s,(]{{0,3}}{_BORN}")

_NUMERAL = (
    r"(?:\d{1,2}|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty)"
)
# A range ("14-16 year olds") is a band, not an age, and stays.
_NO_RANGE_BEFORE = r"(?<![\d.])(?<!\d[-–/])(?<!\d\ to\ )(?<!\d\ or\ )(?<!\d\ -\ )(?<!\d\ –\ )"
_NO_RANGE_AFTER = r"(?!\ ?(?:-|–|/|to\b|or\b)\ ?\d)"
_YEARS_OLD = _pattern(
    rf"{_NO_RANGE_BEFORE}\b{_NUMERAL}(?:[ -]?(?:years?|yrs?)(?:[ -]?olds?|\ of\ age)|\ ?y/?os?|\ ?y\.o\.?)(?!\w)"
)
_AGED = _pattern(
    rf"""\b(?:aged?(?:\ (?:is|of))?|turn(?:ed|ing|s))[ :=]{{1,3}}(?:(?:just|only|about|around|approx\.?)\ )?
    (?P<x>{_NUMERAL}(?:(?:,|\ and|\ &|,\ and)\ ?{_NUMERAL}){{0,5}})(?![\w%]){_NO_RANGE_AFTER}"""
)
_PERSON = r"(?:boy|girl|male|female|child|lad|teen(?:ager)?|youth|son|daughter|sister|brother|pupil|student|man|woman)"
_AGE_BESIDE = _pattern(rf"\b{_PERSON}(?:\ ?\((?P<y>\d{{1,2}})(?=\))|,\ (?P<x>\d{{1,2}})(?=[,.;]|$))")
_SCHOOL_YEAR = _pattern(
    rf"""(?<!last\ )(?<!this\ )(?<!each\ )(?<!next\ )(?<!every\ )(?<!per\ )(?<!one\ )(?<!\ba\ )
    \b(?:(?:year|yr)[ -]?|(?-i:Y))(?:1[0-3]|[1-9])s?\b{_NO_RANGE_AFTER}"""
)

# --- Homes ------------------------------------------------------------------------------------------------------------
_STREET_WORDS = "street road avenue lane crescent terrace gardens grove mews boulevard st rd ave ln cres terr gdns blvd"
_OTHER_STREET_WORDS = (
    "drive dr close cl court ct way place pl square sq walk row hill park rise view green parade vale fold gate end "
    "brow bank wharf quay croft mount"
)
_STREET = "|".join(_STREET_WORDS.split())
# These are common words too ("2 boys walk"), and name a street only with a capital.
_OTHER_STREET = "|".join(f"{word.title()}|{word.upper()}" for word in _OTHER_STREET_WORDS.split())
_NOT_IN_STREET = (
    "a an and are at behind before after boys? by children cars? days? down during for from females? girls? "
    "hours? hrs? in incidents? inside into is kids? lads? males? men metres? miles? mins? minutes? months? near "
    "of off on onto opposite or our outside over past people persons? pm am reports? shops? teenagers? then "
    "through times? to towards? under up was weeks? were who with women yards? years? youths? young "
)
_STREET_NAME_WORD = rf"(?!(?:{'|'.join(_NOT_IN_STREET.split())})\b)[a-z][\w'’.-]{{0,30}}"
_FLAT = r"(?:flat|apartment|apt|maisonette)\ ?(?:no\.?\ ?|number\ )?\d{1,4}[a-z]?"
_HOUSE = _pattern(
    rf"""(?<![\w£.,/:-])
    (?P<x>(?:{_FLAT},?\ {{1,2}})?(?!(?:199|20[0-8])\d\b)\d{{1,4}}[a-z]?(?:\ ?[-–/&]\ ?\d{{1,4}}[a-z]?)?)
    ,?\ {{1,2}}(?=(?:{_STREET_NAME_WORD}\ {{1,2}}){{1,3}}(?:(?:{_STREET})|(?-i:{_OTHER_STREET}))\b)"""
)
_FLAT_ALONE = _pattern(rf"\b{_FLAT}\b")
_CALLED_HOUSE = _pattern(
    r"""\b(?:(?:house|door)(?:\ (?:no\.?|number))?|(?:at|outside|opposite|from)\ (?:no\.?|number)|li(?:ve|ves|ving)\ at)
    \ ?(?P<x>\d{1,4}[a-z]?)\b(?!\ (?:bus|tram|train|route))"""
)
# Any letters in front: the areas in use change, and a fictional one is masked like a real one.
_POSTCODE = _pattern(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\ {0,2}\d(?-i:(?!st|nd|rd|th))[ABD-HJLNP-UW-Z]{2}(?!\w)")
_LINE_WORD = re.compile(
    r"\b(?:bus|route|junction|platform|phase|stop|zone|tram|train|service|floor|level|gate|ward|pitch|court)\s*$", re.I
)


def _is_house(found: re.Match[str], _: bool) -> bool:
    """Not the number of a bus or a platform."""
    return _LINE_WORD.search(found.string, max(0, found.start() - 12), found.start()) is None


SAID_MARKS = ("oh ", "oh-", "oh,", "oh.", "zero", "nought")
HANDLE_MARKS = ("snap", "insta", "tik", "whats", "telegram", "discord")
DETAILS = (
    Detail("web address", WEB, _LINK, marks=("://", "www.")),
    Detail("e-mail address", EMAIL, _EMAIL, marks=("@", "at)", "at]"), second_look=_is_email),
    Detail("web address", WEB, _DOMAIN, marks=_DOMAIN_MARKS, in_locations=False),
    Detail("date of birth", BIRTH, _BIRTH, digits=1, marks=_BIRTH_MARKS),
    Detail("date of birth", BIRTH, _BIRTH_BEFORE, digits=1, marks=_BIRTH_MARKS),
    Detail("date of birth", BIRTH, _BORN_SHORT, digits=4, marks=("b.",), in_locations=False),
    Detail("NHS number", NHS, _CALLED_NHS, digits=10, marks=("nhs",)),
    Detail("NHS number", NHS, _NHS, digits=10, second_look=_has_nhs_checksum),
    Detail("phone number", PHONE, _PHONE, digits=9, second_look=_is_phone),
    Detail("phone number", PHONE, _CALLED_PHONE, digits=6, second_look=_has_six_digits),
    Detail("phone number", PHONE, _SAID_PHONE, marks=SAID_MARKS, in_locations=False),
    Detail("handle", HANDLE, _AT_HANDLE, marks=("@",), in_locations=False),
    Detail("handle", HANDLE, _NAMED_HANDLE, marks=(":", "="), in_locations=False),
    Detail("handle", HANDLE, _SPOKEN_HANDLE, digits=1, marks=HANDLE_MARKS, in_locations=False),
    Detail("National Insurance number", NUMBER, _INSURANCE, digits=6),
    Detail("pupil number", NUMBER, _PUPIL, digits=12),
    Detail("police number", NUMBER, _POLICE, digits=6, marks=("/",)),
    Detail("vehicle plate", PLATE, _PLATE_NOW, digits=2, second_look=_is_plate_now),
    Detail("vehicle plate", PLATE, _PLATE_PREFIX, digits=1, second_look=_is_old_plate),
    Detail("vehicle plate", PLATE, _PLATE_SUFFIX, digits=1, second_look=_is_old_plate),
    Detail("vehicle plate", PLATE, _PLATE_CALLED, digits=1, marks=("reg", "plate", "vrm")),
    Detail("age", AGE, _YEARS_OLD, marks=("year", "yr", "y/o", "yo", "y.o")),
    Detail("age", AGE, _AGED, marks=("age", "turn")),
    Detail("age", AGE, _AGE_BESIDE, digits=1, marks=("(", ","), in_locations=False),
    Detail("age", AGE, _SCHOOL_YEAR, digits=1, marks=("y",), in_locations=False),
    Detail("house number", HOUSE, _HOUSE, digits=1, in_locations=False, second_look=_is_house),
    Detail("house number", HOUSE, _FLAT_ALONE, digits=1, marks=("flat", "ap", "maison"), in_locations=False),
    Detail("house number", HOUSE, _CALLED_HOUSE, digits=1, in_locations=False),
    Detail("postcode", POSTCODE, _POSTCODE, digits=2, in_locations=False),
)
"""In the order in which they are looked for: what has the clearest mark first."""

SIGNS = re.compile(r"[\d@:=.)\]/]")
SIGN_WORDS = ("year", "yr", "yo", "age", "turn", "oh ", "oh-", "oh,", "zero", "nought")
"""Every detail holds a sign or a word of these: a text without any needs no closer look. A test holds them to it."""
