"""What a visitor is told when something is wrong, in the languages the shipped bots speak.

What only the programmer of a client meets is English alone. `{..}` is filled in where it is raised.
"""

from __future__ import annotations

__all__ = ["ENGLISH", "SENTENCES", "language_of", "sentence"]

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

ENGLISH: Final = "en"

# kind, or kind:case where the place that raises it knows more -> language -> sentence.
SENTENCES: Final[Mapping[str, Mapping[str, str]]] = {
    "malformed": {"en": "The request is not readable as JSON."},
    "forged-token": {
        "en": "This session token was not issued here. Begin without one.",
        "es": "Esta sesión no se abrió aquí. Empieza una nueva.",
    },
    "expired-token": {
        "en": "This session token is too old. Begin without one.",
        "es": "Esta sesión es demasiado antigua. Empieza una nueva.",
    },
    "no-token": {
        "en": "This needs a session token, as the first message's answer brings one.",
        "es": "Todavía no hay ninguna conversación. Escribe primero un mensaje.",
    },
    "no-operator": {"en": "This needs the operator token, as Authorization: Bearer TOKEN."},
    "no-signature": {
        "en": "This needs the signature of the provider, over the body as it is sent."
    },
    "wrong-signature": {
        "en": "The signature does not fit. Compare the connection's secret with the provider's."
    },
    "wrong-signature:token": {
        "en": "The verify token does not fit. Compare it with the connection's verify_token."
    },
    "two-sessions": {
        "en": "The tokens of this request belong to different visitors. Send one.",
        "es": "Esta petición lleva las sesiones de dos personas. Envía solo una.",
    },
    "site-not-allowed": {
        "en": "Pages of this site may not talk to this chat.",
        "es": "Las páginas de este sitio no pueden usar este chat.",
    },
    "not-admitted": {
        "en": "This bot answers only the people it knows.",
        "es": "Este chat solo responde a las personas que conoce.",
    },
    "no-session": {"en": "There is no such session."},
    "not-found": {"en": "There is nothing at this address."},
    "not-allowed": {"en": "This address does not take such a request."},
    "not-now": {
        "en": "The conversation does not allow this now.",
        "es": "La conversación no lo permite ahora.",
    },
    "not-now:choice": {
        "en": "This choice was not shown in this conversation. Look at its latest lines.",
        "es": "Esta opción no se mostró en esta conversación. Mira las últimas líneas.",
    },
    "too-large": {
        "en": "The request is too large.",
        "es": "El mensaje es demasiado grande.",
    },
    "too-large:most": {
        "en": "The request is too large: {most} bytes are the most.",
        "es": "El mensaje es demasiado grande: como máximo {most} bytes.",
    },
    "not-json": {"en": "Send JSON, with Content-Type: application/json."},
    "no-bot": {
        "en": "There is no bot of this name here.",
        "es": "Aquí no hay ningún chat con este nombre.",
    },
    "invalid": {
        "en": "The request holds something that cannot be taken.",
        "es": "El mensaje contiene algo que no se puede aceptar.",
    },
    "too-many": {
        "en": "That was too much at once. Wait a little and go on.",
        "es": "Fue demasiado de una vez. Espera un poco y continúa.",
    },
    "too-many:wait": {
        "en": "That was too much at once. Wait {seconds} s and go on.",
        "es": "Fue demasiado de una vez. Espera {seconds} s y continúa.",
    },
    "trouble": {
        "en": "Something broke on our side. Nothing you sent before was lost.",
        "es": "Algo falló de nuestro lado. No se perdió nada de lo que enviaste antes.",
    },
    "unavailable": {
        "en": "The chat cannot be reached for a moment. Try again soon.",
        "es": "El chat no está disponible por un momento. Inténtalo de nuevo pronto.",
    },
}
LANGUAGES: Final = frozenset(language for said in SENTENCES.values() for language in said)
_WISH = re.compile(r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")


def sentence(name: str, language: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Return a sentence in this language, else in English, and the language it is in."""
    said = SENTENCES[name]
    found = language if language in said else ENGLISH
    return said[found].format_map(values), found


@lru_cache(maxsize=1_000)
def language_of(accepted: str) -> str:
    """Return which of ours somebody wants most, by their Accept-Language (RFC 9110, section 12.5.4)."""
    wishes: dict[str, float] = {}
    for part in accepted[:500].lower().split(","):
        if wish := _WISH.fullmatch(part):
            language = ENGLISH if wish[1] == "*" else wish[1]
            wishes.setdefault(language, float(wish[2] or 1))
    known = {language: weight for language, weight in wishes.items() if language in LANGUAGES}
    best = max(known, key=known.__getitem__, default=ENGLISH)
    return best if known.get(best) else ENGLISH
