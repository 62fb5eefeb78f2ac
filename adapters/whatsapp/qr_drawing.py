"""Draws a QR code in a terminal, two modules a character."""

from __future__ import annotations

__all__ = ["draw_qr"]

from itertools import zip_longest

BORDER = 2  # modules; four are the norm, two read well and leave more of a small window
# Black and white of the colour cube: themes give the first sixteen colours other looks.
COLOURS, PLAIN = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def draw_qr(value: str) -> list[str]:
    """Return the lines that show what a QR code says: dark on light, whatever the terminal's colours."""
    import segno  # noqa: PLC0415 - only who pairs a phone needs it

    code = segno.make_qr(value, error="l", boost_error=False)
    rows = [[int(dark) for dark in row] for row in code.matrix_iter(border=BORDER)]
    return [
        COLOURS + "".join(HALVES[pair] for pair in zip_longest(upper, lower, fillvalue=0)) + PLAIN
        for upper, lower in zip_longest(rows[::2], rows[1::2], fillvalue=[0] * len(rows[0]))
    ]
