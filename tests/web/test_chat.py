"""A conversation over HTTP: messages, buttons, files, history, the end."""

from __future__ import annotations

import shutil
import signal
from base64 import b64encode
from pathlib import Path

import pytest

from tests.web.site import CONTACT, ORDER, Served, Visitor, problem, served


def test_an_order_goes_on_after_a_kill_between_any_two_messages(tmp_path: Path) -> None:
    """Scenario A: the same conversation, the same number of lines, no delivery, one order."""
    cookies = None
    answers = []
    for body in (
        {"text": ORDER},
        {"text": CONTACT},
        {"choice": "bulk_order.confirming.confirm", "of": 4},
    ):
        with served(tmp_path) as shop:
            visitor = shop.visitor()
            visitor.http.cookies = cookies or visitor.http.cookies
            answers.append(visitor.post(body).json())
            cookies = visitor.http.cookies
            shop.program.stop(signal.SIGKILL)

    first, second, third = answers
    assert ("bulk_order", "collecting_contact", True) == (
        first["flow"], first["state"], first["opened"],
    )  # fmt: skip
    assert "name, phone number and email" in first["lines"][1]["text"]
    assert ("bulk_order", "confirming", False) == (
        second["flow"], second["state"], second["opened"],
    )  # fmt: skip
    shown = second["lines"][1]
    assert "Cool Wind Services, Thiruvalla, Kerala" in shown["text"]
    assert ["Confirm", "Change", "Cancel"] == [choice["label"] for choice in shown["choices"]]
    assert [
        {"quantity": "11", "unit": None, "name": "AC remote control", "price": "₹350.00", "total": "₹3,850.00"}
    ] == shown["data"]["items"]  # fmt: skip
    assert "Confirm" == third["lines"][0]["text"]

    with served(tmp_path) as shop:
        visitor = shop.visitor()
        assert cookies is not None
        visitor.http.cookies = cookies
        with visitor.stream(after=0) as stream:
            stream.until("state", flow=None, state="idle", pending=False)
        whole = visitor.history()

    assert list(range(1, 8)) == [line["seq"] for line in whole["lines"]]
    assert 1 == sum("Your order number is A-1001" in line["text"] for line in whole["lines"])
    assert not any("delivery" in line["text"].lower() for line in whole["lines"])
    assert 1 == len({answer["conversation"] for answer in [*answers, whole]})


def test_an_answer_that_is_worked_on_comes_with_the_message(visitor: Visitor) -> None:
    """The action that a button starts is done within the time an answer may wait."""
    visitor.say(ORDER)
    visitor.say(CONTACT)

    answer = visitor.post({"choice": "bulk_order.confirming.confirm"}).json()

    assert ["user", "bot", "bot"] == [line["who"] for line in answer["lines"]]
    assert "Your order number is A-" in answer["lines"][-1]["text"]
    assert (None, "idle", False) == (answer["flow"], answer["state"], answer["pending"])


def test_history_is_read_from_where_it_was_left_and_begins_nothing(visitor: Visitor) -> None:
    empty = visitor.history()
    visitor.say(ORDER)

    assert ([], None, None, None) == (
        empty["lines"], empty["session"], empty["state"], empty["status"],
    )  # fmt: skip
    assert [1, 2] == [line["seq"] for line in visitor.history()["lines"]]
    assert [2] == [line["seq"] for line in visitor.history(after=1)["lines"]]
    elsewhere = visitor.history(after=1, conversation="another")
    assert [1, 2] == [line["seq"] for line in elsewhere["lines"]]


def test_why_a_message_was_taken_as_it_was_is_not_told_to_visitors(visitor: Visitor) -> None:
    """It is kept with its line for the shop; no answer, no history and no stream has it."""
    said = visitor.say(ORDER)
    with visitor.stream(last=1) as stream:
        visitor.say("Hari, 8848850922")
        stream.until("line", seq=3)
    told = [data for name, _, data in stream.heard if name == "line"]

    assert 3 in [line["seq"] for line in told]
    for line in [*said["lines"], *visitor.history()["lines"], *told]:
        more = {"conversation", "data"}
        assert {"seq", "turn", "who", "text", "choices", "at"} == set(line) - more


def test_a_message_sent_again_is_taken_once(visitor: Visitor) -> None:
    """A page that did not hear the answer sends it again under the same id."""
    first = visitor.say(ORDER, id="m-1")
    visitor.say(CONTACT, id="m-2")
    again = visitor.say(ORDER, id="m-1")

    assert first["lines"] == again["lines"]
    assert "confirming" == again["state"]
    assert 4 == len(visitor.history()["lines"])


def test_the_id_of_another_visitors_message_gives_nothing_of_theirs(shop: Served) -> None:
    hari, eva = shop.visitor(), shop.visitor()
    hari.say(f"{ORDER}, I am Hari", id="same")

    answer = eva.say("hello", id="same")

    assert answer["opened"]
    assert "hello" == answer["lines"][0]["text"]
    assert "Hari" not in str(answer)


def test_the_token_may_come_as_bearer_or_in_a_field_too(shop: Served) -> None:
    token = shop.visitor().say(ORDER)["session"]
    bearer = shop.visitor(authorization=f"Bearer {token}")

    assert "collecting_contact" == bearer.history()["state"]
    assert "confirming" == shop.visitor().say(CONTACT, session=token)["state"]


def test_two_messages_at_once_are_both_taken_and_answered_in_order(visitor: Visitor) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - here alone

    visitor.say("hello")
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(visitor.say, ["I need 11 remote controls", "my name is Hari"]))

    lines = visitor.history()["lines"]
    assert list(range(1, len(lines) + 1)) == [line["seq"] for line in lines]
    said = {line["text"] for line in lines if line["who"] == "user"}
    assert {"hello", "I need 11 remote controls", "my name is Hari"} == said


def test_a_list_in_a_file_is_read_where_parts_are_asked_for(visitor: Visitor) -> None:
    asked = visitor.say("bulk order")
    assert (True, "collecting_items") == (asked["files"], asked["state"])
    content = b64encode(b"qty,part\n12,remote control\n").decode()

    answer = visitor.post({"file": {"name": "parts.csv", "content": content}}).json()

    assert (False, "collecting_contact") == (answer["files"], answer["state"])
    assert "(file parts.csv)" in answer["lines"][0]["text"]


def test_a_picture_is_answered_in_words(visitor: Visitor) -> None:
    visitor.say("bulk order")
    content = b64encode(b"\x89PNG").decode()

    answer = visitor.post({"file": {"name": "photo.png", "content": content}}).json()

    assert "collecting_items" == answer["state"]
    assert any(line["who"] == "bot" for line in answer["lines"])


def test_a_conversation_that_ended_is_followed_by_a_new_one_that_says_so(visitor: Visitor) -> None:
    before = visitor.say(ORDER)
    ended = visitor.http.post("/api/chat/end", json={}).json()
    again = visitor.http.post("/api/chat/end", json={}).json()
    shown = visitor.history()

    assert ("ended", None, "ended") == (ended["status"], ended["state"], again["status"])
    assert (before["conversation"], 2) == (shown["conversation"], len(shown["lines"]))

    after = visitor.say("hello")

    assert (True, "open", 1) == (after["opened"], after["status"], after["lines"][0]["seq"])
    assert before["conversation"] != after["conversation"]
    assert before["key"] == after["key"]


def test_a_choice_that_was_not_shown_is_refused(visitor: Visitor) -> None:
    visitor.say(ORDER)

    told = problem(visitor.post({"choice": "bulk_order.confirming.confirm"}), 409, "not-now")

    assert ["choice"] == [fault["field"] for fault in told["errors"]]
    problem(visitor.post({"choice": "bulk_order.confirming.confirm", "of": 2}), 409, "not-now")
    assert 2 == len(visitor.history()["lines"])


def test_an_old_button_shows_the_question_again(visitor: Visitor) -> None:
    visitor.say(ORDER)
    visitor.say(CONTACT)
    visitor.say("make it 12 remotes")

    answer = visitor.post({"choice": "bulk_order.confirming.confirm", "of": 4}).json()

    assert "confirming" == answer["state"]
    assert answer["lines"][-1]["choices"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\u202eabc", "a\x00b", "😀" * 3])
def test_whatever_is_written_comes_back_as_text(visitor: Visitor, text: str) -> None:
    shown = visitor.say(text)["lines"][0]["text"]

    assert text.replace("\x00", "").replace("\u202e", "") == shown


def test_several_bots_are_served_by_one_process(tmp_path: Path) -> None:
    """One visitor talks to both; neither hears of the other."""
    shipped = Path(__file__).parents[2] / "flows" / "parts_shop"
    own = Path(shutil.copytree(shipped, tmp_path / "kiosk"))
    settings = own / "bot.yaml"
    text = settings.read_text("utf-8").replace("bot: parts_shop", "bot: kiosk")
    settings.write_text(text, "utf-8")
    with served(tmp_path / "data", "--bot", "parts_shop", "--bot", str(own)) as shop:
        visitor = shop.visitor()
        visitor.say(ORDER)
        kiosk = visitor.say("hello", bot="kiosk")

        assert ("kiosk", True, "idle") == (kiosk["bot"], kiosk["opened"], kiosk["state"])
        assert "collecting_contact" == visitor.history()["state"]
        assert "idle" == visitor.history(bot="kiosk")["state"]
        told = problem(visitor.post({"text": "x", "bot": "shop"}), 422, "no-bot")
        assert "parts_shop, kiosk" in told["detail"]
