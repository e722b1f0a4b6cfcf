"""A link as a square that a phone reads, drawn as SVG."""

import segno


def draw_qr(address: str) -> str:
    """An address as an SVG, as large as the room it is given: squares, and no text that could be markup."""
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(border=4, omitsize=True)
    return drawn
