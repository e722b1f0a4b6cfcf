"""The child process that opens a workbook, and says what it finds as lines of JSON.

Run as a script by ``cs_geo.reports.reading_sheets``, alone: it imports nothing of cs_geo and knows no setting, so that
whatever a workbook does to the library that reads it stays here. That is no theory: a 5 KB .xlsx with one cell in its
last corner makes python-calamine 0.9 ask for 550 GB and abort the process, which no exception handler survives.

Input: the workbook as standard input (a file, not a pipe); the most memory in bytes and the most processor seconds as
arguments. Output, one JSON value a line: ``{"sheets": count}`` comes first, ``{"sheet": name, "visible": bool}`` opens
a sheet, ``[number, cell, …]`` is a row that is not blank, without the blank cells at its end, ``{"end": true}`` closes
the workbook, ``{"fault": "password" | "format"}`` comes instead where it cannot be read.
"""

import datetime
import json
import math
import resource
import sys
from collections.abc import Iterator
from typing import IO, Any

Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def main(most_memory: int, most_seconds: int, workbook: IO[bytes], out: IO[str]) -> None:
    """Write all sheets of the workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))
    resource.setrlimit(resource.RLIMIT_CPU, (most_seconds, most_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for message in messages(workbook):
        out.write(encode(message) + "\n")


def messages(workbook: IO[bytes]) -> Iterator[dict[str, Any] | list[Any]]:
    """The content of a workbook, as values to be written."""
    from python_calamine import (  # after the limits are set
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        with CalamineWorkbook.from_filelike(workbook) as book:
            sheets = [
                (at, sheet) for at, sheet in enumerate(book.sheets_metadata) if sheet.typ is SheetTypeEnum.WorkSheet
            ]
            yield {"sheets": len(sheets)}
            for index, sheet in sheets:
                yield {"sheet": sheet.name, "visible": sheet.visible is SheetVisibleEnum.Visible}
                for number, values in enumerate(book.get_sheet_by_index(index).iter_rows(), start=1):
                    cells = [cell_text(value) for value in values]
                    while cells and not cells[-1].strip():
                        cells.pop()
                    if cells:
                        yield [number, *cells]
    except PasswordError:
        yield {"fault": "password"}
    except (CalamineError, OSError, ValueError):
        yield {"fault": "format"}
    else:
        yield {"end": True}


def cell_text(value: Value) -> str:
    """A cell as a person would write it: ISO dates, whole numbers without ".0", no scientific notation, yes and no."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        whole = _whole_second(value)
        return whole.isoformat(timespec="seconds" if whole.second else "minutes")
    if isinstance(value, datetime.time):
        whole = _whole_second(datetime.datetime.combine(datetime.date.min, value))
        return whole.time().isoformat(timespec="seconds" if whole.second else "minutes")
    if isinstance(value, datetime.date):
        return value.isoformat()
    minutes = round(value.total_seconds() / 60)
    return f"{'-' if minutes < 0 else ''}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def number_text(number: float) -> str:
    """A number with the 15 digits that a sheet keeps."""
    if math.isnan(number) or math.isinf(number):
        return ""
    if number == int(number):
        return str(int(number))
    text = f"{number:.15g}"
    if "e" not in text:
        return text
    return f"{number:.{15 - 1 - math.floor(math.log10(abs(number)))}f}".rstrip("0").rstrip(".")


def _whole_second(moment: datetime.datetime) -> datetime.datetime:
    """The nearest second: a sheet keeps a time as a share of the day, 13:45 as 13:44:59.999."""
    return (moment + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)


if __name__ == "__main__":
    with open(0, "rb", closefd=False) as standard_input:
        standard_input.seek(0)  # the parent has read in it already
        main(int(sys.argv[1]), int(sys.argv[2]), standard_input, sys.stdout)
