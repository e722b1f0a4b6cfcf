"""What is said of rows that name a stored record: why they were left alone, taken as new or rejected."""

from collections.abc import Iterator
from dataclasses import replace

from cs_geo.reports.report import Issue, Severity
from cs_geo.store.own_exports import EDITED_KEPT, OTHER_SOURCE
from cs_geo.store.staging import AMBIGUOUS_KEY, Verdicts

EDITED = Issue(
    line=0,
    column="",
    value="",
    code=EDITED_KEPT,
    message="A colleague has edited this record since it was imported; their edit was kept.",
    remedy="Open the record if the partner's change should be taken over by hand.",
    severity=Severity.WARN,
)
ALTERED = Issue(
    line=0,
    column="seal",
    value="",
    code="altered_since_export",
    message="Its place or identity is not as it was exported: it was taken as a new report and its place found anew.",
    remedy="Check its point, or import the export as it was written.",
    severity=Severity.WARN,
)
RENUMBERED = Issue(
    line=0,
    column="short_reference",
    value="",
    code="reference_taken",
    message="Another report here has this short reference: it was given a new one.",
    remedy="Say the new reference on the phone; the report's page shows it.",
    severity=Severity.NOTE,
)
AMBIGUOUS = Issue(
    line=0,
    column="",
    value="",
    code=AMBIGUOUS_KEY,
    message="Several stored records carry this key and none of them is equal to the row.",
    remedy="Ask the partner which record it changes, or give each record a key of its own.",
    severity=Severity.REJECT,
)
FOREIGN = Issue(
    line=0,
    column="report_id",
    value="",
    code=OTHER_SOURCE,
    message="This identifier belongs to a report of another source, which the file may not change.",
    remedy="Leave report_id blank, or import the row under the source that the report came from.",
    severity=Severity.REJECT,
)


def explain_verdicts(verdicts: Verdicts, *, key: str) -> Iterator[Issue]:
    """An issue for every row that needs one; ``key`` is the column that names the record of keyed rows."""
    for lines, issue in (
        (verdicts.edited_lines, replace(EDITED, column=key)),
        (verdicts.altered_lines, ALTERED),
        (verdicts.renumbered_lines, RENUMBERED),
        (verdicts.ambiguous_lines, replace(AMBIGUOUS, column=key)),
        (verdicts.foreign_lines, FOREIGN),
    ):
        for line in lines:
            yield replace(issue, line=line)
