"""What is wrong is told to a person in their language: one table, English where there is no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adapters.web.problems import PROBLEMS
from adapters.web.sentences import SENTENCES, language_of, sentence
from tests.web.site import OPERATOR, Served, problem, served

FIELD = re.compile(r"\{(\w+)\}")


def test_every_problem_has_its_sentence() -> None:
    assert set(PROBLEMS) == {name.partition(":")[0] for name in SENTENCES}
    assert set(PROBLEMS) <= set(SENTENCES)
    for said in SENTENCES.values():
        assert "en" in said
        assert all(one[0].isupper() and one.endswith(".") for one in said.values())


def test_every_language_fills_in_the_same() -> None:
    for said in SENTENCES.values():
        assert all(FIELD.findall(one) == FIELD.findall(said["en"]) for one in said.values())
    assert "Wait 3 s" in sentence("too-many:wait", "en", {"seconds": "3"})[0]
    assert "Espera 3 s" in sentence("too-many:wait", "es", {"seconds": "3"})[0]
    assert "en" == sentence("not-json", "es", {})[1]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("es", "es"), ("es-MX,es;q=0.9,en;q=0.8", "es"), ("ES-419", "es"),
        ("en-IN,es;q=0.9", "en"), ("ml, es;q=0.3", "es"), ("en;q=0.2, es;q=0.7", "es"),
        ("fr", "en"), ("*", "en"), ("es;q=0", "en"), ("es;q=x", "en"), (";;,=", "en"), ("*;q=0.1, es", "es"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_that_is_wanted_most(accepted: str, language: str) -> None:
    assert language == language_of(accepted)


def test_what_a_visitor_meets_is_told_in_spanish(tmp_path: Path) -> None:
    """The limit, the size, a choice that is gone, a token of another place: over HTTP, as a browser asks."""
    env = {"REJOINDER_WEB_RATE": "1/60s", "REJOINDER_MAX_BODY": "1000"}
    with served(tmp_path, **env) as shop:
        spanish = shop.visitor(**{"accept-language": "es-ES,es;q=0.9"})
        spanish.say("hola")
        stranger = shop.visitor(**{"accept-language": "es"})
        met = [
            (spanish.post({"text": "otra vez"}), 429, "too-many", "Fue demasiado de una vez. Espera "),
            (stranger.post({"text": "x" * 2_000}), 413, "too-large", "El mensaje es demasiado grande: como máximo 1,000 bytes."),
            (stranger.post({"choice": "none"}), 409, "not-now", "Esta opción no se mostró"),
            (stranger.post({"text": "x", "session": "x"}), 401, "forged-token", "Esta sesión no se abrió aquí."),
            (stranger.post({"txt": "x"}), 422, "invalid", "El mensaje contiene algo"),
        ]  # fmt: skip
        for answer, status, kind, said in met:
            assert problem(answer, status, kind)["detail"].startswith(said)
            assert "es" == answer.headers["content-language"]


def test_what_only_programmers_meet_is_english(shop: Served) -> None:
    spanish = shop.visitor(**{"accept-language": "es"})

    for refused in (spanish.http.get("/nothing"), spanish.http.post("/api/chat", content=b"x")):
        assert "en" == refused.headers["content-language"]
    assert OPERATOR not in spanish.http.post("/api/sessions/x/end").text
