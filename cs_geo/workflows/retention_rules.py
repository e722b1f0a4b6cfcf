"""What is kept how long: the product's rules, or the site's own in their place (``data/README.md``)."""

import csv
import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from cs_geo.errors import SetupError
from cs_geo.settings import Settings, data_folder, home_folder
from cs_geo.store.retention import KEPT, RAW_TEXTS, RECORD_PARTS, SUBMISSIONS

FILE = "retention.csv"
COLUMNS = ("rule", "what", "after", "moment", "happens", "source", "owner")
REJECT_DAYS = "CS_GEO_REJECT_DAYS"
MOMENTS = {
    **dict.fromkeys(RECORD_PARTS, ("imported", "recorded", "happened")),
    "import_issues": ("imported",),
    "import_rejects": ("imported",),
    "jobs": ("finished",),
    SUBMISSIONS: ("answered",),
    RAW_TEXTS: ("recorded",),
    "hotspot_runs": ("ran",),
    "exports": ("exported",),
    "audit_log": ("written",),
}
"""From which moment each thing can be counted."""
REPLACED = ("exact_geometry", RAW_TEXTS)
_TIME = re.compile(r"[1-9]\d* (?:days|months|years)")


@dataclass(frozen=True, slots=True)
class Rule:
    """How long one thing is kept, and what happens then."""

    rule: str
    what: str
    after: str
    moment: str
    happens: str
    source: str
    owner: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a site, and a hash of the file they stand in."""

    rules: tuple[Rule, ...]
    sha256: str

    def to_json(self) -> list[dict[str, str]]:
        """The rules as plain values."""
        return [asdict(rule) for rule in self.rules]


def read_rules(settings: Settings) -> Rules:
    """Read the rules; a file in the site's home folder stands in place of the product's.

    Raises
    ------
    SetupError
        If a line says something the program does not do. Nothing may be removed by half a rule.
    """
    own = home_folder(settings) / FILE
    path = own if own.is_file() else data_folder() / FILE
    content = path.read_bytes()
    try:
        rows = csv.DictReader(content.decode("utf-8-sig").splitlines())
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise _fault(path, 1, f"it needs the columns {', '.join(COLUMNS)}, in this order")
        rules = tuple(_read_rule(path, rows.line_num, row, settings) for row in rows)
    except UnicodeDecodeError as fault:
        raise _fault(path, 1, "it is not in UTF-8") from fault
    repeated = {rule.rule for rule in rules if [one.rule for one in rules].count(rule.rule) > 1}
    if repeated:
        raise _fault(path, 1, f"the rule {', '.join(sorted(repeated))} stands there twice")
    return Rules(rules, sha256(content).hexdigest())


def _read_rule(path: Path, line: int, row: dict[str | None, str | None], settings: Settings) -> Rule:
    given = {column: (row.get(column) or "").strip() for column in COLUMNS}
    rule = Rule(**given)
    if not rule.rule or not rule.source or not rule.owner:
        raise _fault(path, line, "a rule needs a name, a source and an owner")
    if rule.what not in MOMENTS:
        raise _fault(path, line, f"“{rule.what}” is none of {', '.join(MOMENTS)}")
    if rule.moment not in MOMENTS[rule.what]:
        raise _fault(path, line, f"{rule.what} is counted from {' or '.join(MOMENTS[rule.what])}")
    happens = "kept" if rule.what in KEPT else "replaced" if rule.what in REPLACED else "removed"
    if rule.happens != happens:
        raise _fault(path, line, f"{rule.what} can only be {happens}")
    if rule.what == "import_rejects":
        if rule.after != REJECT_DAYS:
            raise _fault(path, line, f"the time of reject sheets is a setting: write {REJECT_DAYS}")
        return Rule(**{**given, "after": f"{settings.reject_days} days"})
    if not _TIME.fullmatch(rule.after):
        raise _fault(path, line, f"“{rule.after}” is no time. Write it as 90 days, 12 months or 7 years")
    return rule


def _fault(path: Path, line: int, what: str) -> SetupError:
    return SetupError(f"{path.name}, line {line}: {what}. Nothing was removed.")
