"""What makes sense and what does not, where one file is not enough to show it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import AuthorError
from engine.language.check_choices import notices
from engine.language.checks import check_bot, load_checked
from engine.language.loader import load_bot
from engine.language.schema import ActionSpec, Argument
from engine.language.source import BotSource

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "flows"
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
}
BOT = "bot: shop\nlanguages: [en]\nflows: [order]\n"


def bot_of(folder: Path, bot: str = BOT, **flows: str) -> BotSource:
    """Write a bot and read it."""
    (folder / "bot.yaml").write_text(bot, encoding="utf-8")
    for name, text in flows.items():
        (folder / f"{name}.yaml").write_text(f"flow: {name}\n{text}", encoding="utf-8")
    return load_bot(folder, defaults=FLOWS)


def said_of(source: BotSource) -> list[str]:
    """List the faults of a bot without their places."""
    return [fault.fault for fault in check_bot(source, actions=None)]


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


@pytest.mark.parametrize(
    ("count", "longest", "kind"),
    [
        (3, 20, "buttons"),
        (1, 21, "a list"),
        (4, 2, "a list"),
        (10, 24, "a list"),
        (1, 25, "numbered text"),
        (11, 2, "numbered text"),
    ],
)
def test_choices_become_what_fits(tmp_path: Path, count: int, longest: int, kind: str) -> None:
    """Three short labels are buttons, ten a list, all else numbered text; that is no fault."""
    choices = "".join(
        f"      - {{id: c{number}, label: {'abcdefghijk'[number] * longest}, go: done}}\n"
        for number in range(count)
    )
    source = bot_of(
        tmp_path,
        order=f"start: {{phrases: [buy]}}\nstates:\n  asking:\n    say: Hm?\n    choices:\n{choices}"
        "  done: {end: completed}\n",
    )

    (notice,) = notices(source)

    assert [] == said_of(source)
    assert notice.endswith(f'order.yaml:4:3: "asking" becomes {kind}.')


def test_a_notice_names_each_language_where_they_differ(tmp_path: Path) -> None:
    """A label that is short in English may be long in Spanish."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [en, es]\nflows: [order]\n",
        order="""
start: {phrases: {en: [buy], es: [comprar]}}
states:
  asking:
    say: {en: Hm?, es: "¿Eh?"}
    choices:
      - {id: a, label: {en: Fine, es: Me parece muy bien todo}, words: {en: [ok], es: [vale]}, go: done}
  done: {end: completed}
""",
    )

    (notice,) = notices(source)

    assert [] == said_of(source)
    assert notice.endswith("becomes buttons in en, a list in es.")


def test_branches_may_rely_on_what_the_ones_above_ruled_out(tmp_path: Path) -> None:
    """After "is not known" the rest is known; a condition that can hold two ways proves neither."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
slots:
  note: {type: text, optional: true, label: note}
  size: {type: number, label: size}
states:
  asking:
    collect: [size, note]
    ask: "{missing}?"
    then:
      - {when: {note: {known: false}}, go: done}
      - {when: {size: {at_least: 5}}, go: telling}
      - {else: telling}
  telling: {say: "You said {note}.", then: [{when: [{note: known}, {size: known}], go: again}, {else: done}]}
  again: {say: "Again, {note}.", then: [{when: {size: {not: {is: 3}}}, go: done}, {else: done}]}
  done: {end: completed}
""",
    )

    assert [] == said_of(source)


def test_a_callee_knows_what_its_callers_give_and_gives_back_what_it_fills(tmp_path: Path) -> None:
    """Slots travel with a call and its return, so texts on both sides may show them."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [en]\nflows: [order, details]\n",
        order="""
start: {phrases: [buy]}
slots: {who: {type: person_name, label: name}, phone: {type: phone, label: phone}}
states:
  asking: {collect: [who], ask: "{missing}?", then: calling}
  calling: {call: {flow: details, with: {name: who}, saves: {phone: number}, then: done, cancelled: left}}
  done: {end: completed, say: "We call {phone}, {who}."}
  left: {end: cancelled}
""",
        details="""
slots: {name: {type: person_name, label: name}, number: {type: phone, label: phone}}
states:
  asking: {collect: [number], ask: "{name}, your {missing}?", then: done}
  done: {end: completed}
""",
    )

    assert [] == said_of(source)


def test_a_callee_that_may_end_without_a_value_gives_none_back(tmp_path: Path) -> None:
    """What is filled on one path only may be empty, also across a call."""
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [en]\nflows: [order, details]\n",
        order="""
start: {phrases: [buy]}
slots: {phone: {type: phone, label: phone}}
states:
  calling: {call: {flow: details, saves: {phone: number}, then: done}}
  done: {end: completed, say: "We call {phone}."}
""",
        details="""
slots: {number: {type: phone, label: phone}}
states:
  asking: {say: "Shall we?", choices: [{id: a, label: A, go: more}, {id: b, label: B, go: done}]}
  more: {collect: [number], ask: "Your {missing}?", then: rich}
  rich: {end: completed}
  done: {end: completed}
""",
    )

    assert ["{phone} may be empty here: not every path collects it before."] == said_of(source)


def test_calling_a_flow_that_asks_is_no_endless_circle(tmp_path: Path) -> None:
    """A called flow begins anew every time, so the customer is asked on every round."""
    flow = """
start: {{phrases: [buy]}}
slots: {{size: {{type: number, label: size}}}}
states:
  calling: {{call: {{flow: details, {given}saves: {{size: size}}, then: [{{when: {{size: {{at_least: 5}}}}, go: done}}, {{else: again}}]}}}}
  again: {{say: More., then: calling}}
  done: {{end: completed}}
"""
    details = """
slots: {size: {type: number, label: size}}
states:
  asking: {collect: [size], ask: "{missing}?", then: done}
  done: {end: completed}
"""
    bot = "bot: shop\nlanguages: [en]\nflows: [order, details]\n"

    asked = bot_of(tmp_path, bot, order=flow.format(given=""), details=details)
    assert [] == said_of(asked)

    given = bot_of(tmp_path, bot, order=flow.format(given="with: {size: size}, "), details=details)
    assert 'states "calling" and "again" lead round and round without asking anything.' in said_of(
        given
    )

    chooses = "states:\n  asking: {say: Well?, choices: [{id: a, label: A, go: done}]}\n  done: {end: completed}\n"
    chosen = bot_of(
        tmp_path, bot, order=flow.format(given=""),
        details=f"slots: {{size: {{type: number, optional: true}}}}\n{chooses}",
    )  # fmt: skip
    assert not [each for each in said_of(chosen) if "round and round" in each]


def test_two_circles_are_two_faults(tmp_path: Path) -> None:
    """Each circle is named once, beginning with its first state in the file."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
states:
  one: {do: place_order, done: two, failed: one}
  two: {do: place_order, done: three, failed: done}
  three: {say: Three., then: four}
  four: {do: place_order, done: three, failed: done}
  done: {end: completed}
""",
    )

    assert [
        'state "one" leads round and round without asking anything.',
        'states "three" and "four" lead round and round without asking anything.',
    ] == said_of(source)


def test_a_person_of_the_flow_is_reached_by_command(tmp_path: Path) -> None:
    """A state called person needs no way to it: the command leads there, knowing nothing."""
    flow = """
start: {{phrases: [buy]}}
slots: {{size: {{type: number, label: size}}}}
states:
  asking: {{collect: [size], ask: "{{missing}}?", then: done}}
  done: {{end: completed}}
  person: {{hand_over: sales, say: "{said}"}}
"""
    bot = f"{BOT}hand_over: {{sales: {{}}}}\n"

    assert [] == said_of(bot_of(tmp_path, bot, order=flow.format(said="One moment.")))
    assert ["{size} may be empty here: not every path collects it before."] == said_of(
        bot_of(tmp_path, bot, order=flow.format(said="About {size}."))
    )


def test_a_command_may_lead_to_a_state_of_the_flow(tmp_path: Path) -> None:
    """A flow's own answer to a command counts as a way to its state."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
slots: {size: {type: number, label: size}}
states:
  asking: {collect: [size], ask: "{missing}?", then: done}
  done: {end: completed}
  left: {end: cancelled, say: Bye.}
always: {cancel: {go: left, ask: "Leave {flow}?"}, help: {say: "I know {flows}."}, back: off}
""",
    )

    assert [] == said_of(source)


def test_a_choice_may_cancel_go_back_or_change(tmp_path: Path) -> None:
    """What these mean needs no state to go to, and a choice that cancels is an end."""
    source = bot_of(
        tmp_path,
        order="""
start: {phrases: [buy]}
states:
  asking:
    say: Well?
    choices:
      - {id: change, label: Change, means: change, ask: What?}
      - {id: back, label: Back, means: back}
      - {id: leave, label: Leave, means: cancel}
""",
    )

    assert [] == said_of(source)


def test_facts_of_known_people_may_be_shown(tmp_path: Path) -> None:
    """A bot with a directory knows what its owner wrote there; others know a number at best."""
    flow = 'start: {{phrases: [stay]}}\nstates:\n  done: {{end: completed, say: "{said}"}}\n'
    admits = f"{BOT}admit: {{people: active, else: ignore}}\n"
    phone = f"{BOT}channels: {{whatsapp: {{main: {{provider: waha, api_key: env:A, hmac_key: env:B}}}}}}\n"

    room = flow.format(said="Room {contact.room}, {contact.language}.")
    assert [] == said_of(bot_of(tmp_path, admits, order=room))
    number = flow.format(said="{contact.phone}")
    assert [] == said_of(bot_of(tmp_path, phone, order=number))
    assert ["not every contact's phone is known."] == said_of(bot_of(tmp_path, order=number))


def test_a_default_from_the_directory_needs_no_list(tmp_path: Path) -> None:
    """Facts of a directory have names of the owner's own."""
    source = bot_of(
        tmp_path,
        f"{BOT}admit: {{people: active}}\n",
        order="""
start: {phrases: [stay]}
slots: {room: {type: text, default: contact.room, label: room}}
states:
  asking: {collect: [room], ask: "{missing}?", then: telling}
  telling: {say: "Room {room}?", choices: [{id: ok, label: Ok, go: done}]}
  done: {end: completed}
""",
    )

    assert [] == said_of(source)


def test_a_form_fills_what_it_asks_for(tmp_path: Path) -> None:
    """A flow that only a form starts knows the form's fields from its first word."""
    source = bot_of(
        tmp_path,
        f"{BOT}forms: {{visit: {{fields: {{name: person_name, phone: phone}}, address: phone}}}}\n",
        order="""
start: {form: visit}
slots: {name: {type: person_name, label: name}}
states:
  done: {end: completed, say: "Welcome, {name}."}
""",
    )

    assert [] == said_of(source)


def test_a_message_that_starts_a_flow_fills_its_slots(tmp_path: Path) -> None:
    """Without phrases, what the message had to contain is known."""
    source = bot_of(
        tmp_path,
        order="""
start: {when: {items: {total_at_least: 10}}}
slots: {items: {type: items}}
states:
  done: {end: completed, say: "{items}, thank you."}
""",
    )

    assert [] == said_of(source)


def test_the_same_call_twice_is_no_circle(tmp_path: Path) -> None:
    """A flow may be called from several states, and by flows that are called themselves."""
    one = "states:\n  asking: {call: {flow: last, then: more}}\n  more: {call: {flow: last, then: done}}\n  done: {end: completed}\n"
    source = bot_of(
        tmp_path,
        "bot: shop\nlanguages: [en]\nflows: [order, one, last]\n",
        order="start: {phrases: [buy]}\nstates:\n  asking: {call: {flow: last, then: more}}\n"
        "  more: {call: {flow: one, then: done}}\n  done: {end: completed}\n",
        one=one,
        last="states:\n  done: {end: completed}\n",
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


def test_long_flows_are_checked_without_going_deep(tmp_path: Path) -> None:
    """A thousand states in a row, and a thousand flows calling each other, are no deep matter."""
    states = "".join(f"  s{n}: {{say: Hm., then: s{n + 1}}}\n" for n in range(1_500))
    source = bot_of(
        tmp_path,
        order=f"start: {{phrases: [buy]}}\nstates:\n{states}  s1500: {{say: Hm., then: s0}}\n"
        "  done: {end: completed}\n",
    )

    said = said_of(source)

    assert 1_503 == len(said)
    assert (
        'states "s0" and "s1" and "s2" and "s3" and "s4" and 1496 more lead round and round without '
        "asking anything."
    ) in said


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


@settings(deadline=None, max_examples=60)
@given(text=flows())
def test_no_flow_is_too_wrong_to_be_checked(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Whatever an author puts together, the checker answers with faults, and twice the same."""
    folder = tmp_path_factory.mktemp("bot")
    source = bot_of(folder, order=text)

    assert check_bot(source, actions={}) == check_bot(source, actions={})
