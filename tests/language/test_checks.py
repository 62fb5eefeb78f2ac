"""What makes sense and what does not, where one file is not enough to show it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import AuthorError
from engine.language.checks import check_bot, load_checked
from engine.language.schema import ActionSpec, Argument
from tests.language.written import BOT, FLOWS, bot_of, said_of

ACTIONS = {
    "place_order": ActionSpec(
        "place_order",
        (
            Argument("items", "items"),
            Argument("name", "person_name"),
            Argument("phone", "phone"),
            Argument("email", "email"),
        ),
    ),
    "request_callback": ActionSpec(
        "request_callback",
        (Argument("phone", "phone"), Argument("time"), Argument("name", required=False)),
    ),
    "find_order": ActionSpec("find_order", (Argument("number"), Argument("address"))),
    "cancel_order": ActionSpec("cancel_order", (Argument("number"), Argument("address"))),
    "last_order": ActionSpec("last_order", ()),
}


def test_the_shipped_bot_is_right() -> None:
    """What ships passes its own checker, actions included."""
    source = load_checked(FLOWS / "parts_shop", defaults=FLOWS, actions=ACTIONS)

    assert "parts_shop" == source.bot.bot


def test_a_bot_that_is_wrong_is_not_handed_out(tmp_path: Path) -> None:
    """Loading and checking is one step; a fault leaves nothing."""
    (tmp_path / "bot.yaml").write_text(BOT, encoding="utf-8")
    (tmp_path / "order.yaml").write_text(
        "flow: order\nstates:\n  done: {end: completed}\n", encoding="utf-8"
    )

    with pytest.raises(AuthorError, match='nobody can start the flow "order"'):
        load_checked(tmp_path, defaults=FLOWS, actions=None)


@pytest.mark.parametrize("file", ["always.yaml", "texts.yaml"])
def test_a_missing_built_in_line_is_a_fault(tmp_path: Path, file: str) -> None:
    """Every line the engine may say must be there before anybody talks to the bot."""
    for each in ("always.yaml", "texts.yaml"):
        shutil.copy(FLOWS / each, tmp_path / each)
    text = (tmp_path / file).read_text(encoding="utf-8")
    key = "busy" if file == "texts.yaml" else "help"
    start = text.index(f"\n{key}:") + 1
    end = text.index(
        "\n", text.index("\n  hi:" if file == "texts.yaml" else '    hi: "Main', start) + 1
    )
    (tmp_path / file).write_text(text[:start] + text[end:], encoding="utf-8")

    with pytest.raises(AuthorError, match=f'"{key}" is missing'):
        load_checked(FLOWS / "parts_shop", defaults=tmp_path, actions=None)


def test_a_line_a_bot_says_itself_need_not_be_built_in(tmp_path: Path) -> None:
    """A bot of another language may bring its own lines; the rest is named."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [de]\nflows: [order]\ntexts: {and: und}\n",
        order="start: {phrases: [kaufen]}\nstates:\n  done: {end: completed}\n",
    )

    (said,) = said_of(source)

    assert 'built-in lines are not written in "de": back.nothing, back.say, back.words and ' in said


def test_what_is_spanish_serves_mexico(tmp_path: Path) -> None:
    """Lines in a language serve its countries."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [es-MX]\nflows: [order]\n",
        order="start: {phrases: [comprar]}\nstates:\n  done: {end: completed, say: Listo.}\n",
    )

    assert [] == said_of(source)


def test_old_conversations_go_on_in_states_and_slots_there_are(tmp_path: Path) -> None:
    """A migration that fits is no fault."""
    source = bot_of(
        tmp_path,
        f"{BOT}webhooks: [{{to: env:N8N_URL, secret: env:N8N_SECRET, events: [order.placed]}}]\n",
        order="""
version: 3
start: {phrases: [buy]}
slots: {size: {type: number, label: size}}
states:
  asking: {collect: [size], ask: "{missing}?", then: done}
  done: {end: completed}
migrate: {1: {states: {begin: asking}, slots: {amount: size, gone: drop}}, 2: {slots: {count: size}}}
""",
    )

    assert [] == said_of(source)


def test_a_preview_borrows_a_cloud_connection(tmp_path: Path) -> None:
    """The preview uses the first cloud connection, or the one that is named."""
    cloud = (
        'main: {provider: cloud, phone_number_id: "1", app_secret: env:A, token: env:B, '
        "verify_token: env:C}, other: {provider: dialog360, api_key: env:D, webhook_secret: env:E}"
    )
    flow = "start: {phrases: [buy]}\nstates:\n  done: {end: completed}\n"
    for preview in ("true", "false", "{connection: other}"):
        bot = f"{BOT}channels: {{whatsapp: {{{cloud}}}, preview: {preview}}}\n"

        assert [] == said_of(bot_of(tmp_path, bot, order=flow))


def test_dates_are_compared_in_the_form_they_are_asked_for(tmp_path: Path) -> None:
    """A date, a time, or both."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
slots:
  day: {type: date, at_least: 2026-01-31, label: day}
  hour: {type: date, want: time, at_most: "18:00", label: hour}
  moment: {type: date, want: datetime, at_least: "2026-01-31T09:30", label: moment}
  pick: {type: choice, options: [{id: a, label: A, words: [first]}], label: pick}
  sure: {type: yes_no, label: sure}
states:
  asking:
    collect: [day, hour, moment, pick, sure]
    ask: "{missing}?"
    then: [{when: {pick: {is: a}, sure: {in: ["yes"]}}, go: done}, {else: done}]
  done: {end: completed}
""",
    )

    assert [] == said_of(source)


STATES = ("one", "two", "three", "done")
WAYS = st.sampled_from((*STATES, "nowhere"))
TEXTS = st.sampled_from(
    ("Hm.", "{items}", "{phone}?", "{missing}", "{order.number}", "{", "{bot.x}")
)


@st.composite
def flows(draw: st.DrawFn) -> str:
    """Draw a flow of three states that may be right or wrong in many ways."""
    lines = [
        "start: {phrases: [buy]}",
        "slots: {items: {type: items}, phone: {type: phone}}",
        "states:",
    ]
    for name in STATES[:3]:
        text, way, other = draw(TEXTS), draw(WAYS), draw(WAYS)
        slot = draw(st.sampled_from(("items", "phone", "none")))
        guard = draw(st.sampled_from(("known", "{at_least: 3}", "{is: a}", "{known: false}")))
        kind = draw(st.sampled_from((
            f"{{collect: [{slot}], ask: '{text}', then: {way}, after_misses: {{2: {other}}}}}",
            f"{{say: '{text}', then: [{{when: {{{slot}: {guard}}}, go: {way}}}, {{else: {other}}}]}}",
            f"{{say: '{text}', choices: [{{id: a, label: A, go: {way}}}, {{id: b, label: B, go: {other}}}]}}",
            f"{{do: act, with: [{slot}], saves: order, done: {way}, failed: {other}}}",
            f"{{call: {{flow: order, with: {{{slot}: {slot}}}, then: {way}}}}}",
        )))  # fmt: skip
        lines.append(f"  {name}: {kind}")
    return "\n".join([*lines, f"  done: {{end: completed, say: '{draw(TEXTS)}'}}", ""])


@settings(max_examples=60)
@given(text=flows())
def test_no_flow_is_too_wrong_to_be_checked(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Whatever an author puts together, the checker answers with faults, and twice the same."""
    folder = tmp_path_factory.mktemp("bot")
    source = bot_of(folder, order=text)

    assert check_bot(source, actions={}) == check_bot(source, actions={})
