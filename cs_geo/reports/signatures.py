"""What a file is, told from its first bytes. The name is not asked: a partner's .xls is often text, and a .csv may be
anything.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from cs_geo.errors import RefusedInput

HEAD_BYTES = 64 * 1024
"""How much of a file is looked at before it is read. Enough for its encoding, delimiter and heading."""

USABLE = "Send a table: CSV or other delimited text, Excel (.xlsx, .xls), OpenDocument (.ods), or a zip or gz of them."


class Form(StrEnum):
    """The forms a file may have."""

    TEXT = "text"
    ZIP = "zip"
    """A zip archive or a zipped workbook (.xlsx, .xlsm, .xlsb, .ods)."""
    COMPOUND = "compound"
    """An OLE compound file: .xls, or an encrypted .xlsx."""
    GZIP = "gzip"


USABLE_SIGNATURES = {
    b"PK\x03\x04": Form.ZIP,
    b"PK\x05\x06": Form.ZIP,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Form.COMPOUND,
    b"\x1f\x8b": Form.GZIP,
}

FOREIGN_SIGNATURES = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a program",
    b"\xca\xfe\xba\xbe": "a program",
    b"\xcf\xfa\xed\xfe": "a program",
    b"#!": "a script",
    b"%PDF": "a PDF",
    b"{\\rtf": "a word-processor document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BM": "a picture",
    b"RIFF": "a picture or sound",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"SQLite format 3\0": "a database or GeoPackage",
    b"PAR1": "a Parquet file",
}
TEXTUAL_SIGNATURES = (b"BM", b"MZ", b"RIFF", b"GIF8", b"PAR1", b"BZh", b"Rar!")
"""Signatures that text might begin with ("BM" is how a heading may start): believed only of what is not plain text."""

WIDE_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""Byte-order marks of the encodings in which text holds zero bytes."""

CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f")) + b"\x7f"
"""Bytes that text does not hold. Left out: white space, old separators and the end-of-file mark of DOS."""
MAX_CONTROL_SHARE = 0.01
"""Above this share of control bytes a file is not text: real exports hold one here and there."""


def identify(head: bytes, name: str) -> Form:
    """Tell the form of a file from its first bytes.

    Raises
    ------
    RefusedInput
        If it is empty, or of a form that holds no table.
    """
    if len(head) < HEAD_BYTES and not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise RefusedInput(f"{name}: the file is empty. Save it again at its source and check that it has rows.")
    for signature, form in USABLE_SIGNATURES.items():
        if head.startswith(signature):
            return form
    wide = wide_encoding(head)
    for signature, what in FOREIGN_SIGNATURES.items():
        if head.startswith(signature) and not (signature in TEXTUAL_SIGNATURES and not _is_binary(head)):
            raise RefusedInput(f"{name}: this is {what}, whatever its name says. {USABLE}")
    if not wide and _is_binary(head):
        raise RefusedInput(f"{name}: this is not text and not a workbook. {USABLE}")
    _refuse_markup(head.decode(wide, "ignore") if wide else head.decode("latin-1"), name)
    return Form.TEXT


def wide_encoding(head: bytes) -> str:
    """The UTF-16 or UTF-32 encoding of a text, by its mark or by where its zero bytes lie; "" if it is neither."""
    for mark, encoding in WIDE_MARKS.items():
        if head.startswith(mark):
            return encoding
    pairs = head[: len(head) // 2 * 2]
    even, odd = pairs[0::2].count(0), pairs[1::2].count(0)
    half = len(pairs) // 2
    # Western text in UTF-16 has a zero in nearly every second byte, and none in the others.
    if half >= 2 and odd > 0.7 * half and even == 0:
        return "utf-16-le"
    if half >= 2 and even > 0.7 * half and odd == 0:
        return "utf-16-be"
    return ""


def _is_binary(head: bytes) -> bool:
    return 0 in head or sum(head.count(byte) for byte in CONTROL_BYTES) > MAX_CONTROL_SHARE * len(head)


def _refuse_markup(text: str, name: str) -> None:
    start = text.lstrip("\ufeff\xef\xbb\xbf \t\r\n")[:200].lower()
    if re.match(r"<(!doctype html|html|head|body|table|meta|style|script)\b", start):
        raise RefusedInput(
            f"{name}: this is a web page, not a table, even if its name ends in .xls. "
            "Open it in Excel or LibreOffice, save it as .xlsx, and send that."
        )
    if start.startswith(("<?xml", "<!", "<")) and re.match(r"<[?!a-z]", start):
        raise RefusedInput(f"{name}: this is XML, not a table. Export it at its source as CSV or .xlsx.")
    if re.match(r'\{\s*["}]|\[\s*[\[{]', start):
        raise RefusedInput(f"{name}: this is JSON, not a table. Export it at its source as CSV or .xlsx.")


ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream in which an encrypted .xlsx lies inside an OLE compound file."""
FILE_PASS = re.compile(rb"\x09\x08\x10\x00\x00\x06\x05\x00.{12}(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
"""Beginning of an encrypted .xls: the record that opens the workbook, and FilePass after it ([MS-XLS] 2.4.117)."""


def is_locked(compound: bytes) -> bool:
    """Do these bytes of a compound file say that it is encrypted?"""
    return ENCRYPTED_PACKAGE in compound or FILE_PASS.search(compound) is not None


WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin")
WORKBOOK_FIRST_PARTS = ("[content_types].xml", "_rels/", "docprops/", "xl/", "mimetype", "customxml/", "meta-inf/")
"""How the names of the parts that a zipped document begins with begin."""


def is_workbook(names: Iterable[str], media_type: str, name: str) -> bool:
    """Is a zip a workbook rather than an archive? Told from the names inside and the OpenDocument media type.

    Raises
    ------
    RefusedInput
        If it is another kind of document.
    """
    inside = set(names)
    if inside.intersection(WORKBOOK_PARTS) or "opendocument.spreadsheet" in media_type:
        return True
    if "[Content_Types].xml" in inside or media_type.startswith("application/"):
        raise RefusedInput(f"{name}: this is a document or a program package, not a workbook. {USABLE}")
    return False


def may_be_workbook(head: bytes) -> bool:
    """Could a zip with these first bytes be a workbook? A quick look at the name of its first member."""
    length = int.from_bytes(head[26:28], "little")
    first = head[30 : 30 + length].decode("latin-1").lower()
    return first.startswith(WORKBOOK_FIRST_PARTS)
