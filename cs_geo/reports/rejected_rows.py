"""What of a rejected row goes back to be mended, so that it can be imported again as the same record.

A row is known again by its key, and found on the map by its coordinates: both come back as they were given. A person
chose the key's column, and figures of a reference often look like a telephone number; masked, they would make another
record. Free text comes back masked as it would have been stored. A key whose head says that it describes a person is
masked too: a row with such a key is not taken again until its key has been written anew.
"""

from collections.abc import Iterator, Mapping

from cs_geo.reports.cells import mask_coordinate
from cs_geo.reports.columns import JOINED_FIELDS, Binding, Profile
from cs_geo.reports.fields import COORDINATE_FIELDS, WHERE_FIELDS
from cs_geo.reports.own_exports import own_columns
from cs_geo.reports.personal import looks_personal
from cs_geo.reports.report import Issue, Severity
from cs_geo.reports.tabular import Row, surplus_cells
from cs_geo.words.masking import mask_personal_details, was_masked

SURPLUS = "beyond the heading"
"""Column for text that stood beyond the last column."""
_IDENTITY = frozenset({"report_id", "reference", "source"})
_NOTES = JOINED_FIELDS - WHERE_FIELDS
_FREE_TEXT = _NOTES | WHERE_FIELDS


def mendable_cells(binding: Binding, row: Row) -> Iterator[tuple[str, str]]:
    """The columns of a rejected row and what of each may be kept, without those that describe a person."""
    has_moved = surplus_cells(row, binding.columns) > 0
    own = own_columns(binding.columns)
    for position, cell in enumerate(row.cells):
        if position >= len(binding.columns):
            yield f"{SURPLUS} {position + 1 - len(binding.columns)}", mask_personal_details(cell).text
            continue
        column = binding.columns[position]
        if column in own:
            yield column, cell
        elif column not in binding.personal:
            yield column, _mendable(binding, position, cell, has_moved=has_moved)


def _mendable(binding: Binding, position: int, cell: str, *, has_moved: bool) -> str:
    fields = binding.fields_at(position)
    if fields & _key_fields(binding.profile) and not looks_personal(binding.columns[position]):
        # In a row whose values have moved, several words in the key's column are text from elsewhere.
        return mask_personal_details(cell).text if has_moved and len(cell.split()) > 1 else cell
    if fields and fields <= COORDINATE_FIELDS:
        return mask_coordinate(cell).text
    return mask_personal_details(cell, is_location=bool(fields) and not fields & _NOTES).text


def _key_fields(profile: Profile) -> frozenset[str]:
    return (_IDENTITY | frozenset(profile.key)) - _FREE_TEXT


def key_parts(profile: Profile, fields: Mapping[str, str]) -> list[str]:
    """The parts of a row's key: as given, and free text as it is stored."""
    return [_key_part(name, fields.get(name, "")) for name in profile.key]


def _key_part(name: str, text: str) -> str:
    if text and name in _FREE_TEXT:
        return mask_personal_details(text, is_location=name in WHERE_FIELDS).text
    return text


def find_masked_key(profile: Profile, line: int, fields: Mapping[str, str]) -> Issue | None:
    """The issue of a row whose key was taken out: taken as it is, it would be another record."""
    for name in profile.key:
        if name not in _FREE_TEXT and was_masked(fields.get(name, "")):
            return Issue(
                line=line,
                column=name,
                value=fields[name],
                code="key_removed",
                message="The key was taken out of this sheet, because it could describe a person.",
                remedy="Write the key again as the source gave it, or import the row from the source's own file.",
                severity=Severity.REJECT,
            )
    return None
