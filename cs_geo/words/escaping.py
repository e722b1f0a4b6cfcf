r"""The one escaper for every text a person, a file or a map wrote, before it reaches a folium map or a page's markup.

Folium runs script found in popups, tooltips, GeoJSON properties, DivIcons and layer names, and sends text through
three readers in turn: a Jinja template, a JavaScript literal and HTML. ``html.escape`` guards only the last: ``\x3c``,
a backtick and ``${}`` pass it. Here nothing passes but letters, digits, space and a little punctuation; all else
becomes a decimal character reference, which no earlier reader touches and HTML shows as the character typed.

The answer is for HTML (and Markdown, which reads the same references). Text drawn on a canvas, such as names inside
vector tiles, is never markup and must not be escaped: it would be shown with its references.
"""

import re
import unicodedata

PLAIN_PUNCTUATION = " .,:-_()/"
"""Characters besides letters and digits that mean nothing to Jinja, JavaScript strings or HTML text."""

UNSHOWABLE = "�"
"""Stands for a character that no screen can show, so that a reader sees that something was there."""

_REFERENCE = re.compile(r"&#(\d+);")


def escape_text(text: object) -> str:
    """Any value as text that HTML shows exactly as typed and nothing executes. ``None`` is shown as nothing."""
    if text is None:
        return ""
    return "".join(_escape_character(character) for character in str(text))


def unescape_text(escaped: str) -> str:
    """The text that ``escape_text`` was given, for the few doors that take plain text (a window title, a file name)."""
    return _REFERENCE.sub(lambda found: chr(int(found.group(1))), escaped)


def _escape_character(character: str) -> str:
    if character in PLAIN_PUNCTUATION or character.isalpha() or character.isdecimal():
        return character
    # Control characters and lone surrogates have no reference that HTML would show: &#0; and &#55296; become U+FFFD,
    # and &#128; to &#159; would be read as Windows-1252 letters.
    if unicodedata.category(character) in {"Cc", "Cs"}:
        return " " if character in "\t\n\r" else f"&#{ord(UNSHOWABLE)};"
    return f"&#{ord(character)};"
