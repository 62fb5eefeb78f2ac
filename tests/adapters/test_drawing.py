"""A flow drawn as Mermaid text."""

from __future__ import annotations

from pathlib import Path

from adapters.drawing import draw_flow
from engine.language.loader import load_flow_file


def drawn(folder: Path, text: str) -> list[str]:
    file = folder / "f.yaml"
    file.write_text(text, "utf-8")
    return draw_flow(load_flow_file(file).flow, "es").splitlines()


def test_conditions_are_words_and_names_that_mermaid_would_misread_are_changed(
    tmp_path: Path,
) -> None:
    text = """
flow: f
start: {phrases: [go]}
slots:
  n: {type: number}
  c: {type: choice, options: [{id: a, label: A}, {id: b, label: B}]}
  items: {type: items}
  note: {type: text, optional: true}
  phone: {type: phone}
states:
  a:
    collect: [n, c, items, note, phone]
    ask: "{missing}?"
    then:
      - {when: {n: {at_least: 2, at_most: 5}, c: {is: a}}, go: end}
      - {when: {phone: {begins: "+91"}}, go: end}
      - {when: [{c: {in: [a, b]}}, {note: known}], go: person}
      - {when: {items: {total_at_least: 10}, n: {not: {is: 3}}, note: {known: false}}, go: end}
      - {else: b}
  b: {do: request_callback, with: {phone: n, time: note}, done: end, failed: person}
  end: {end: completed}
  person: {hand_over: sales, nobody_after: {90s: end}}
"""

    assert drawn(tmp_path, text) == [
        "stateDiagram-v2",
        '    state "end" as end_',
        "    [*] --> a",
        "    a --> end_: [n ≥ 2 and ≤ 5 and c is a]",
        "    a --> end_: [phone begins with +91]",
        "    a --> person: [c is one of a, b or note known]",
        "    a --> end_: [items total ≥ 10 and n not (is 3) and note not known]",
        "    a --> b: [else]",
        "    b --> end_: done",
        "    b --> person: failed",
        "    end_ --> [*]: completed",
        "    person --> end_: nobody for 90s",
    ]


def test_choices_are_drawn_in_a_language_and_cannot_break_the_text(tmp_path: Path) -> None:
    text = """
flow: f
states:
  a:
    say: Well?
    choices:
      - {id: yes1, label: {en: "Yes", es: 'Sí: "ya"; #1'}, go: b}
      - {id: no1, label: {en: "No"}, go: [{when: {n: known}, go: b}, {else: c}]}
      - {id: stay, label: Change, means: change, ask: What?}
    after_misses: {2: c}
  b: {call: {flow: g, then: c, cancelled: c}}
  c: {say: Bye, then: z}
  z: {end: cancelled}
  person: {hand_over: sales}
slots: {n: {type: number}}
"""

    assert drawn(tmp_path, text) == [
        "stateDiagram-v2",
        "    [*] --> a",
        "    a --> b: Sí#58; #quot;ya#quot;#59; #35;1",
        "    a --> b: No [n known]",
        "    a --> c: No [else]",
        "    a --> c: after 2 misses",
        "    b --> c: returned",
        "    b --> c: cancelled",
        "    c --> z",
        "    z --> [*]: cancelled",
        "    [*] --> person: by command",
    ]
