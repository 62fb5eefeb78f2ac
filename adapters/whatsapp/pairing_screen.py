"""What somebody who pairs a phone sees: the QR code, always the one that counts, and what happens."""

from __future__ import annotations

__all__ = ["PairingScreen"]

import sys

from adapters.terms import show, word
from adapters.whatsapp.qr_drawing import draw_qr
from adapters.whatsapp.waha_pairing import Connected, GivenUp, Pairing, Shown, Waiting

WHERE = "Scan it with WhatsApp on the phone: Linked devices > Link a device."


class PairingScreen:
    """Shows the steps of pairing one connection."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._drawn = 0  # lines of the QR code that stands there

    def tell(self, step: Pairing) -> bool:
        """Show a step; return whether the number is connected."""
        if isinstance(step, Shown):
            self._show(step)
        elif isinstance(step, Waiting):
            word(f"{self._name}: WAHA says {step.word}, one moment.")
        elif isinstance(step, Connected):
            how = "is connected already" if step.already else "is connected"
            word(f"{self._name} {how}{f': {step.phone}' if step.phone else ''}.")
        else:
            word(self._given_up(step))
        return isinstance(step, Connected)

    def _show(self, step: Shown) -> None:
        """Draw it over the one before; where no terminal is, write what it says, for other programs."""
        if not sys.stdout.isatty():
            show(step.value)
            word(f"{self._name}: QR code {step.nth}. {WHERE}")
            return
        lines = [*draw_qr(step.value), f"{WHERE} Ctrl-C leaves it as it is."]
        back = f"\x1b[{self._drawn}A\x1b[J" if self._drawn else ""
        sys.stdout.write(back + "\n".join(lines) + "\n")
        sys.stdout.flush()
        self._drawn = len(lines)

    def _given_up(self, step: GivenUp) -> str:
        go_on = f"./run whatsapp pair {self._name}"
        if step.shown:
            return (
                f"{self._name}: {step.shown} QR codes were shown and none was scanned, so WAHA"
                f" stopped ({step.word or 'the session is gone'}). Begin again with {go_on}"
            )
        return (
            f"{self._name}: the session does not start ({step.word or 'it is gone'}). WAHA's own log"
            f" says why; then {go_on}"
        )
