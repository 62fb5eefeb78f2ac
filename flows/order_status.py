"""How far an order is: the statuses, who may move it where, and what the customer is told of it."""

from __future__ import annotations

__all__ = ["CANCELLED", "CUSTOMER_CANCELS", "MOVES", "PLACED", "news"]

from collections.abc import Mapping
from typing import Final

PLACED: Final = "placed"
CANCELLED: Final = "cancelled"

# Where the shop may move an order; the last two are for good.
MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    PLACED: ("accepted", CANCELLED),
    "accepted": ("ready", CANCELLED),
    "ready": ("collected", CANCELLED),
    "collected": (),
    CANCELLED: (),
}
# Until the shop has accepted it, the customer may take it back.
CUSTOMER_CANCELS: Final = (PLACED,)

NEWS: Final[Mapping[str, Mapping[str, str]]] = {
    "accepted": {
        "en": "Your order {number} is accepted.",
        "es": "Tu pedido {number} está aceptado.",
        "id": "Pesanan Anda {number} sudah kami terima.",
        "hi": "Aapka order {number} accept ho gaya hai.",
    },
    "ready": {
        "en": "Your order {number} is ready.",
        "es": "Tu pedido {number} está listo.",
        "id": "Pesanan Anda {number} sudah siap.",
        "hi": "Aapka order {number} taiyaar hai.",
    },
    "collected": {
        "en": "Your order {number} has been handed over. Thank you!",
        "es": "Tu pedido {number} ha sido entregado. ¡Gracias!",
        "id": "Pesanan Anda {number} sudah diserahkan. Terima kasih!",
        "hi": "Aapka order {number} de diya gaya hai. Dhanyavaad!",
    },
    CANCELLED: {
        "en": "Your order {number} has been cancelled.",
        "es": "Tu pedido {number} ha sido cancelado.",
        "id": "Pesanan Anda {number} dibatalkan.",
        "hi": "Aapka order {number} cancel ho gaya hai.",
    },
}


def news(status: str, number: str, language: str) -> str:
    """Say what became of an order, in the customer's language, else in English."""
    texts = NEWS[status]
    return texts.get(language, texts["en"]).format(number=number)
