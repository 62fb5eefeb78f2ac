"""Scripts of bots that know people: what is known of the customer stands in a header."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import ScriptError

BOT = """
bot: desk
languages: [en]
region: GB
timezone: Europe/London
flows: [stay]
admit: {people: active, else: ignore}
"""
STAY = """
flow: stay
start: {phrases: [stay longer]}
slots:
  room: {type: number, label: room, default: contact.room}
  until: {type: date, want: time, label: time, default: contact.leaves}
states:
  asking: {collect: [room, until], ask: "Your {missing}?", then: confirming}
  confirming:
    say: "{contact.name} in {room} until {until}, {contact.phone}?"
    choices: [{id: fine, label: Fine, means: "yes", go: done}]
  done: {end: completed, say: "Good."}
"""


@pytest.fixture
def hotel(tmp_path: Path) -> Path:
    """A folder with a bot that knows its guests."""
    (tmp_path / "bot.yaml").write_text(BOT, "utf-8")
    (tmp_path / "stay.yaml").write_text(STAY, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("channel", "phone"), [("waha", "+918848850001"), ("web", "+4420")])
def test_what_is_known_of_a_customer_is_not_asked_for(
    transcript: Callable[..., str], hotel: Path, channel: str, phone: str
) -> None:
    """A fact is read as the slot that begins with it; the number of a channel beats a fact."""
    said = transcript(
        f"# t\n# channel: {channel}\n"
        '# person: room=204 leaves="2 pm" name="Ana Silva" phone=+4420\n> stay longer\n',
        hotel,
    )

    assert f"< Ana Silva in 204 until 14:00, {phone}?" == said.splitlines()[0]


def test_a_second_customer_is_somebody_else(transcript: Callable[..., str], hotel: Path) -> None:
    """What is known of the one is not known of the other."""
    said = transcript("# t\n# person: room=204\n>ana stay longer\n", hotel)

    assert "<ana Your room and time?" == said.splitlines()[0]


@pytest.mark.parametrize(
    ("person", "fault"),
    [
        ("room 204", 'talk.chat:2: a person is written room=204 name="Ana Silva".'),
        ("'room=204", 'talk.chat:2: a person is written room=204 name="Ana Silva".'),
        ("=204", 'talk.chat:2: a person is written room=204 name="Ana Silva".'),
        ("room=attic", 'talk.chat: person: room: "attic" is no number. Correct the fact.'),
    ],
)
def test_a_person_that_cannot_be_known_is_an_error(
    transcript: Callable[..., str], hotel: Path, person: str, fault: str
) -> None:
    """The error names the line or the fact, and the remedy."""
    with pytest.raises(ScriptError) as error:
        transcript(f"# t\n# person: {person}\n> hi\n", hotel)

    assert str(error.value).endswith(fault)
