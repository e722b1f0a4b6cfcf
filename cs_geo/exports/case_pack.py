"""The pack of a case: what its members see, on paper, with the name of whoever took it across every page.

HTML that asks for nothing from anywhere, and the PDF that WeasyPrint makes of it with fetching switched off. Every text
passes the escaper. There is no coordinate in it: the boundary is a picture in pixels of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cs_geo.words.escaping import escape_text

NOT_ON = "For the person named here. Not to be passed on, copied or kept after the case."
WELFARE = (
    "We meet to make places safer for children and young people. We talk about places, adults' responsibilities and "
    "services, and do not blame young people. We look for what is already good, say what we do not know, and ask how "
    "young people have been heard."
)
NO_TEXTS = "No text has been approved for members to read."
NO_REPORTS = "No reports were received. This does not mean that no harm took place."
NOT_ALL = "Reports are not all harm, and not all harm is reported. Kinds are never added up."
STYLE = """
@page { size: A4; margin: 22mm 18mm 24mm; @bottom-center { font: 8.5pt sans-serif; color: #444;
    content: string(mark) " · page " counter(page) " of " counter(pages); } }
body { font: 10.5pt/1.45 sans-serif; color: #16212b; margin: 0 auto; max-width: 44em; padding: 1em; }
h1 { font-size: 17pt; margin: 0 0 .2em; } h2 { font-size: 12.5pt; margin: 1.4em 0 .4em; break-after: avoid; }
table { border-collapse: collapse; width: 100%; break-inside: auto; } tr { break-inside: avoid; }
th, td { border-bottom: 1px solid #bbb; padding: .28em .5em; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; } .small { font-size: 9pt; color: #444; } svg { max-width: 100%; height: auto; }
.mark { string-set: mark content(); font-weight: bold; border: 1px solid #16212b; padding: .5em .8em; }
.across { position: fixed; top: 42%; left: 0; right: 0; text-align: center; transform: rotate(-32deg); font-size: 34pt;
    color: #16212b; opacity: .1; font-weight: bold; z-index: 9; }
blockquote { margin: .5em 0; padding-left: .8em; border-left: 3px solid #aaa; }
"""


@dataclass(frozen=True, slots=True)
class CasePack:
    """What a pack holds: plain words and numbers, and the picture of the boundary."""

    reference: str
    place: str
    place_type: str
    boundary_version: int
    why_now: str
    since: date
    until: date
    picture: str
    """SVG of our own making, with no text that was not escaped."""
    counts: Sequence[tuple[str, str, int]]
    """Kind, who noticed, reports."""
    dates: Sequence[tuple[str, str, int]]
    """Day or month in words, kind, reports."""
    texts: Sequence[str]
    lapses_on: str
    made_for: str
    made_on: str
    record: int
    """Number of the row of the audit log."""


def write_html(pack: CasePack) -> str:
    """The pack as one HTML page without a request to anywhere."""
    e = escape_text
    mark = f"Made for {pack.made_for} on {pack.made_on} · case {pack.reference} · record {pack.record}"
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='referrer' content='no-referrer'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Case {e(pack.reference)}</title><style>{STYLE}</style></head><body>"
        f"<div class='across' aria-hidden='true'>{e(pack.made_for)}</div>"
        f"<h1>{e(pack.place)}</h1><p class='small'>Case {e(pack.reference)} · {e(pack.place_type)} · boundary version "
        f"{pack.boundary_version} · lapses on {e(pack.lapses_on)}</p>"
        f"<p class='mark'>{e(mark)}</p><p><strong>{e(NOT_ON)}</strong></p>"
        f"<p>{e(WELFARE)}</p><h2>Why now</h2><p>{e(pack.why_now)}</p>"
        f"<h2>The boundary</h2>{pack.picture}"
        "<h2>What was reported, by who noticed</h2>"
        f"{_table(('Kind', 'Who noticed', 'Reports'), pack.counts, NO_REPORTS)}"
        f"<p class='small'>{e(NOT_ALL)}</p>"
        f"<h2>When</h2>{_table(('When', 'Kind', 'Reports'), pack.dates, NO_REPORTS)}"
        f"<h2>In the words of those who noticed</h2>{_texts(pack.texts)}</body></html>"
    )


def write_pdf(html: str) -> bytes:
    """The page as PDF; whatever it asks for is refused."""
    # Takes a second to load, and only a pack needs it.
    from weasyprint import HTML

    return bytes(HTML(string=html, url_fetcher=_refuse).write_pdf())


def _refuse(url: str, *_: Any, **__: Any) -> Mapping[str, Any]:
    raise ValueError("A pack asks for nothing from anywhere.")


def _table(heads: Sequence[str], rows: Sequence[tuple[str, str, int]], empty: str) -> str:
    if not rows:
        return f"<p>{escape_text(empty)}</p>"
    first = "".join(f"<th{' class=n' if head == 'Reports' else ''}>{escape_text(head)}</th>" for head in heads)
    lines = "".join(
        f"<tr><td>{escape_text(one)}</td><td>{escape_text(other)}</td><td class='n'>{number:,}</td></tr>"
        for one, other, number in rows
    )
    return f"<table><thead><tr>{first}</tr></thead><tbody>{lines}</tbody></table>"


def _texts(texts: Sequence[str]) -> str:
    if not texts:
        return f"<p>{escape_text(NO_TEXTS)}</p>"
    return "".join(f"<blockquote>{escape_text(text)}</blockquote>" for text in texts)
