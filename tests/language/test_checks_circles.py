"""Circles: those in which nobody is asked never end, all others may stay."""

from __future__ import annotations

from pathlib import Path

from tests.language.written import bot_of, said_of


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


def test_long_flows_are_checked_without_going_deep(tmp_path: Path) -> None:
    """A flow of many states in a row is checked to its end, however long it is."""
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
