"""The orders a table of reports can be read in. All its pages are sorted, not only the rows of the one in view."""

NEWEST, OLDEST = "Newest first", "Oldest first"
_HEADS = {
    "Kind": "kind",
    "Time of day": "time",
    "What": "what",
    "Where, as written": "location",
    "Placed by": "precision",
    "Source": "source",
    "Reference": "reference",
}
"""Heads of the table and what the server calls the column."""
SORTS = {
    NEWEST: ("day", True),
    OLDEST: ("day", False),
    **{
        label: (column, descending)
        for head, column in _HEADS.items()
        for label, descending in ((head, False), (f"{head}, backwards", True))
    },
}
"""Each order by its name: the server's column, and whether the last comes first."""


def next_sort(head: str, present: str) -> str:
    """The order after a column's head was pressed: by that column, or the other way round if it was so already."""
    first, second = (NEWEST, OLDEST) if head == "When" else (head, f"{head}, backwards")
    if first not in SORTS:
        return present
    return second if present == first else first
