"""What is known where: filled on every path, by a caller, a form, a directory, a message."""

from __future__ import annotations

from pathlib import Path

from tests.language.written import BOT, bot_of, said_of


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
