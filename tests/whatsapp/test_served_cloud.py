"""Customers of a served shop, over real HTTP both ways: what they send, press and get."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx2
import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.dialog360 import Dialog360Standin
from adapters.whatsapp.standins.inbound import Update
from adapters.whatsapp.standins.phones import Phone, Received
from tests.web.site import CONTACT, ORDER
from tests.whatsapp.serving import SENTENCE, Shop, bot, served_shop, shows, until

PROVIDERS: dict[str, type[CloudStandin | Dialog360Standin]] = {
    "cloud": CloudStandin,
    "dialog360": Dialog360Standin,
}


@pytest.fixture(scope="module", params=PROVIDERS)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with PROVIDERS[request.param]() as standin:
        standin.throughput.most = 10_000
        own = bot(folder, standin.connection(), pace={"burst": 60})
        with served_shop(standin, folder, own) as served:
            yield served


def sample(phone: Phone, title: str) -> Received:
    """Go to one of the samples."""
    phone.says("show samples")
    (kinds,) = phone.wait()
    phone.taps(kinds, title)
    return phone.wait()[0]


def answer_to_greeting(phone: Phone) -> Received:
    """Say hello: what came before it would have been answered before it."""
    phone.says("hello")
    return phone.wait()[0]


def is_greeting(message: Received) -> bool:
    return "good to hear from you" in message.text or "Cool Wind Services" in message.text


# -- what is said and pressed ----------------------------------------------------------------------


def test_an_order_from_the_first_word_to_its_number(shop: Shop) -> None:
    hari = shop.phone(name="Hari")
    hari.says(ORDER)
    (asked,) = hari.wait()
    assert "11 x AC remote control" in asked.text
    hari.says(CONTACT)
    (confirm,) = hari.wait()
    assert ["Confirm", "Change"] == [one.title for one in confirm.buttons][:2]
    tapped = hari.taps(confirm, "Confirm")
    placing, placed = hari.wait(2)
    assert shop.standin.wait_for(lambda: len(hari.marks) == 3)
    # The order is being placed, and is seen to be.
    assert {tapped.id} == {one.message for one in hari.marks if one.typing}
    assert "Placing" in placing.text
    assert "reference" in placed.text.lower() or "order" in placed.text.lower()
    orders = shop.rows("SELECT count(*) FROM placed_order WHERE phone = ?", "+918848850922")
    assert [(1,)] == orders
    until(lambda: {"done"} == set(shop.sends(hari)))


@pytest.mark.parametrize("way", ["taps", "types the title", "types its number", "types it small"])
def test_a_button_is_pressed_or_written(shop: Shop, way: str) -> None:
    phone = shop.phone()
    phone.says("show samples")
    (kinds,) = phone.wait()
    assert "button" == kinds.kind
    match way:
        case "taps":
            phone.taps(kinds, "Six rows")
        case "types the title":
            phone.says("Six rows")
        case "types its number":
            phone.says("1")
        case _:
            phone.says("six  ROWS")
    assert "Which colour?" == phone.wait()[0].text


def test_a_list_is_chosen_from(shop: Shop) -> None:
    phone = shop.phone()
    colours = sample(phone, "Six rows")
    assert ("list", 6) == (colours.kind, len(colours.rows))
    phone.picks(colours, "White")
    assert "Thank you." == phone.wait()[0].text


def test_what_is_more_than_a_list_is_numbered(shop: Shop) -> None:
    phone = shop.phone()
    months = sample(phone, "Twelve choices")
    assert ("text", ()) == (months.kind, months.rows)
    assert "12. December" in months.text.splitlines()
    phone.says("12")
    assert "Thank you." == phone.wait()[0].text


def test_a_long_text_comes_in_parts_with_the_buttons_at_its_end(shop: Shop) -> None:
    phone = shop.phone()
    first = sample(phone, "Long text")
    parts = [first, *until(lambda: phone.inbox[2:] if phone.inbox[-1].buttons else None)]
    assert len(parts) > 1
    assert 80 == " ".join(part.text for part in parts).count(SENTENCE.strip())
    assert [()] * (len(parts) - 1) == [part.buttons for part in parts[:-1]]
    assert {one.biz_opaque_callback_data.partition("|")[0] for one in parts[:-1]} == {
        parts[-1].biz_opaque_callback_data.partition("|")[0]
    }
    phone.taps(parts[-1], "I have read it")
    assert until(lambda: phone.inbox[-1].text == "Thank you.")


def test_an_old_button_shows_the_question_again(shop: Shop) -> None:
    phone = shop.phone()
    phone.says("show samples")
    (kinds,) = phone.wait()
    phone.taps(kinds, "Six rows")
    phone.wait()
    phone.taps(kinds, "Twelve choices")
    (again,) = phone.wait()
    assert "Which colour?" in again.text
    assert 6 == len(again.rows)


# -- what is no text -------------------------------------------------------------------------------


def sends_image(phone: Phone) -> Update:
    return phone.sends_image()


SENT: dict[str, Callable[[Phone], Update]] = {
    "image": sends_image,
    "video": lambda phone: phone.sends_video(),
    "voice": lambda phone: phone.sends_voice(),
    "audio": lambda phone: phone.sends_audio(),
    "sticker": lambda phone: phone.sends_sticker(),
    "location": lambda phone: phone.location(8.5, 76.9, "Shop"),
    "zero": lambda phone: phone.location(0.0, 0.0),
    "contact": lambda phone: phone.contact("Sunitha", "919961012345"),
    "pdf": lambda phone: phone.sends_file(b"%PDF", "parts.pdf", "application/pdf"),
    "unsupported": lambda phone: phone.sends_unsupported(),
}


@pytest.mark.parametrize("kind", SENT)
def test_what_the_bot_cannot_read_is_told_once(shop: Shop, kind: str) -> None:
    """The second of its kind is only recorded; the third, after a text, is told again."""
    phone = shop.phone()
    SENT[kind](phone)
    (told,) = phone.wait()
    SENT[kind](phone)
    assert is_greeting(answer_to_greeting(phone))
    assert "user" == shop.lines(phone)[0][0]
    assert told.text
    assert told.text not in [one.text for one in phone.inbox[1:]]


def test_a_caption_is_read(shop: Shop) -> None:
    phone = shop.phone()
    phone.sends_image(caption=ORDER)
    (told,) = phone.wait()
    assert "11 x AC remote control" in told.text


def test_a_list_sent_as_a_document_is_an_order(shop: Shop) -> None:
    phone = shop.phone()
    phone.says("bulk order")
    phone.wait()
    phone.sends_file(
        b"part,qty\nAC remote control,11\nR32 gas cylinder,3\n", "parts.csv", "text/csv"
    )
    (told,) = phone.wait()
    assert "11 x AC remote control" in told.text


def test_a_document_is_fetched_where_the_webhook_told_no_address(shop: Shop) -> None:
    phone = shop.phone()
    shop.standin.media_urls = False
    try:
        phone.says("bulk order")
        phone.wait()
        phone.sends_file(b"part,qty\nAC remote control,11\n", "parts.csv", "text/csv")
        assert "11 x AC remote control" in phone.wait()[0].text
    finally:
        shop.standin.media_urls = True


def test_a_document_that_cannot_be_fetched_is_told(shop: Shop) -> None:
    phone = shop.phone()
    shop.standin.fail_next(131000, http=500, of="media")
    phone.sends_file(b"part,qty\nAC remote control,11\n", "parts.csv", "text/csv")
    (told,) = phone.wait()
    assert "11 x" not in told.text
    assert is_greeting(answer_to_greeting(phone))


def test_an_order_of_the_catalogue_goes_to_a_person(shop: Shop) -> None:
    phone = shop.phone()
    phone.orders([("SKU-1", 2, 9.5)])
    assert phone.wait()[0].text
    assert "manual" == until(lambda: shop.mode(phone))
    phone.says("hello?")
    shop.standin.settled()
    until(lambda: ("user", "hello?") in shop.lines(phone))
    assert 1 == len(phone.inbox)


def test_the_answers_of_a_form_are_read_as_text(shop: Shop) -> None:
    phone = shop.phone()
    phone.says(ORDER)
    phone.wait()
    form = {
        "type": "nfm_reply",
        "nfm_reply": {"response_json": json.dumps({"name": "Hari", "email": "hari@example.com"})},
    }
    phone.sends("interactive", form)
    assert "hari@example.com" in phone.wait()[0].text


# -- what nobody need answer -----------------------------------------------------------------------


def test_what_asks_for_no_answer_gets_none(shop: Shop) -> None:
    phone = shop.phone()
    welcome = answer_to_greeting(phone)
    seen = len(shop.lines(phone))
    phone.reacts(welcome.wamid)
    phone.reacts(welcome.wamid, "")
    phone.reads()
    phone.sends("system", {"type": "customer_identity_changed", "body": "new"})
    phone.sends("edit", {"original_message_id": "wamid.X"})
    phone.sends("revoke", {"original_message_id": "wamid.X"})
    phone.sends("text", {"body": "in a group"}, group_id="Y2FwaV9ncm91cDox")
    phone.sends("request_welcome")
    phone.sends("unsupported", {"type": "edit"}, errors=[{"code": 131060, "title": "gone"}])
    shop.standin.tells("account_update", {"event": "PARTNER_REMOVED"})
    shop.standin.tells("message_template_status_update", {"event": "APPROVED"})
    shop.standin.settled()
    assert seen == len(shop.lines(phone))
    phone.says("show samples")
    assert "Which kind of sample?" == phone.wait()[0].text
    assert 2 == len(phone.inbox)


def test_a_number_that_is_not_ours_is_counted_and_left(shop: Shop) -> None:
    phone = shop.phone()
    update = phone.says("hello", post=False)
    body = shop.standin.body_of([update])
    other = body.replace(shop.standin.phone_number_id.encode(), b"999")
    assert 200 == shop.standin.post(other, headers=shop.standin.proof(other))
    assert [] == shop.lines(phone)
    bot = {"bot": "parts_shop"}
    until(lambda: shop.metric("rejoinder_updates_ignored_total", **bot, why="other number"))


def test_every_message_is_marked_as_read(shop: Shop) -> None:
    """Typing is shown only where an answer takes its time."""
    phone = shop.phone()
    sent = phone.says("hello")
    phone.wait()
    assert shop.standin.wait_for(lambda: phone.marks)
    assert [(sent.id, False)] == [(one.message, one.typing) for one in phone.marks]


# -- who is who ------------------------------------------------------------------------------------


def test_a_customer_with_a_username_is_answered_by_their_id(shop: Shop) -> None:
    phone = shop.phone(username="hari.w")
    phone.says(ORDER)
    assert "11 x AC remote control" in phone.wait()[0].text
    (asked,) = [
        one.body
        for one in shop.standin.requests
        if isinstance(one.body, dict) and one.body.get("recipient") == phone.user_id
    ]
    assert "to" not in asked
    phone.says("Hari, 98470 12345, hari@example.com")
    assert "98470 12345" in phone.wait()[0].text


def test_a_number_and_an_id_are_one_person(shop: Shop) -> None:
    """They took a username in the middle of their order."""
    phone = shop.phone()
    phone.says(ORDER)
    phone.wait()
    phone.username = "hari.k"
    phone.says("Hari, hari@example.com")
    (confirm,) = phone.wait()
    assert "11 x AC remote control" in confirm.text


def test_an_order_goes_on_under_a_new_number(shop: Shop) -> None:
    """And whoever gets the old number is a stranger."""
    phone, old = shop.phone(name="Hari"), ""
    phone.says(ORDER)
    phone.wait()
    old = phone.wa_id
    phone.changes_number(f"91884886{old[-4:]}")
    shop.standin.settled()
    stranger = shop.standin.phone(old, name="Somebody", user_id="US.stranger" + old)
    stranger.says("hello")
    (welcome,) = stranger.wait()
    assert "remote" not in welcome.text
    phone.says("Hari, hari@example.com")
    (confirm,) = phone.wait()
    assert "11 x AC remote control" in confirm.text


def test_an_order_goes_on_under_a_new_user_id(shop: Shop) -> None:
    phone = shop.phone(username="hari.new")
    phone.says(ORDER)
    phone.wait()
    was = phone.user_id
    phone.user_id = f"{was}9"
    shop.standin.tells(
        "user_id_update",
        {"user_id_update": [{"user_id": {"previous": was, "current": phone.user_id},
                             "timestamp": shop.standin.seconds()}]},
    )  # fmt: skip
    shop.standin.settled()
    phone.says("Hari, 98470 12346, hari@example.com")
    (confirm,) = phone.wait()
    assert "11 x AC remote control" in confirm.text


# -- people of the business ------------------------------------------------------------------------


def test_a_line_typed_on_the_phone_takes_over(shop: Shop) -> None:
    phone = shop.phone()
    answer_to_greeting(phone)
    shop.standin.echo(to=phone, text="I look after this myself")
    shop.standin.settled()
    assert ("operator", "I look after this myself") == shop.lines(phone)[-1]
    assert "manual" == shop.mode(phone)
    phone.says("thank you")
    until(lambda: ("user", "thank you") == shop.lines(phone)[-1])
    shop.operator(phone, "hand-back")
    phone.wait()  # what was typed by hand
    phone.says("show samples")
    assert "Which kind of sample?" == phone.wait()[0].text
    assert ["I look after this myself"] == [one.text for one in phone.inbox if one.by_hand]
    assert 3 == len(phone.inbox)


def test_whom_the_business_writes_to_first_is_theirs(shop: Shop) -> None:
    phone = shop.phone()
    shop.standin.echo(to=phone, text="Good morning, your parts are here")
    shop.standin.settled()
    phone.says("Thank you, I come at ten")
    shop.standin.settled()
    assert [
        ("operator", "Good morning, your parts are here"),
        ("user", "Thank you, I come at ten"),
    ] == shop.lines(phone)
    assert ("manual", []) == (shop.mode(phone), shop.sends(phone))


def test_a_line_typed_long_ago_takes_nothing_over(shop: Shop) -> None:
    """After an outage a week of them comes at once, and nobody sits at that phone any more."""
    phone = shop.phone()
    answer_to_greeting(phone)
    update = shop.standin.echo(to=phone, text="I look after this myself", post=False)
    (echo,) = update.value["message_echoes"]
    echo["timestamp"] = str(int(echo["timestamp"]) - 13 * 3_600)
    shop.standin.deliver([update])
    assert "agent" == shop.mode(phone)


def test_a_line_of_the_console_is_sent(shop: Shop) -> None:
    phone = shop.phone()
    answer_to_greeting(phone)
    shop.operator(phone, "lines", text="Here is Anu, how can I help?")
    assert "Here is Anu, how can I help?" == phone.wait()[0].text


# -- often, and much at once -----------------------------------------------------------------------


def test_what_comes_twice_is_answered_once(shop: Shop) -> None:
    """The same body again, the same message in another batch, two of one at the same moment."""
    phone, other = shop.phone(), shop.phone()
    order = phone.says(ORDER, post=False)
    beside = other.says("hello", post=False)
    shop.standin.deliver([order, beside], copies=5, at_once=True, shuffled=3)
    shop.standin.deliver([order, beside], per_post=2)
    shop.standin.deliver([beside, order], per_post=2)
    phone.wait()
    other.wait()
    phone.says("Hari, hari@example.com")
    assert "Confirm" in phone.wait()[0].text
    assert 2 == len(phone.inbox)
    assert 1 == len(other.inbox)
    assert 1 == shop.lines(phone).count(("user", ORDER))


def test_a_thousand_updates_come_in_one_body(shop: Shop) -> None:
    """Of a hundred people, ten messages each, in order for each of them."""
    phones = [shop.phone() for _ in range(100)]
    updates = [phone.says(f"{n}?", post=False) for n in range(9) for phone in phones]
    updates += [phone.says("show samples", post=False) for phone in phones]
    shop.standin.deliver(updates, per_post=1_000)
    for phone in phones:
        shows(phone, "Which kind of sample?")
        said = [text for who, text in shop.lines(phone) if who == "user"]
        assert [*(f"{n}?" for n in range(9)), "show samples"] == said


def test_one_odd_item_costs_the_others_nothing(shop: Shop) -> None:
    phone = shop.phone()
    good = phone.says(ORDER, post=False)
    odd: list[object] = [None, 7, "x", [], {}, {"id": []}, {"type": "text"}, {"id": "w", "type": 5}]
    body = json.loads(shop.standin.body_of([good]))
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"] = [*odd, *value["messages"], *odd]
    value["statuses"] = odd
    value["contacts"] = [*odd, *value["contacts"]]
    body["entry"] = [*odd, *body["entry"]]
    raw = json.dumps(body).encode()
    assert 200 == shop.standin.post(raw, headers=shop.standin.proof(raw))
    assert "11 x AC remote control" in phone.wait()[0].text


def test_an_old_message_is_kept_and_not_answered(shop: Shop) -> None:
    phone = shop.phone()
    update = phone.says("Good morning", post=False)
    (message,) = update.value["messages"]
    message["timestamp"] = str(int(message["timestamp"]) - 13 * 3_600)
    shop.standin.deliver([update])
    assert [("user", "Good morning")] == shop.lines(phone)
    phone.says("show samples")
    until(lambda: phone.inbox)
    assert "Good morning" not in phone.inbox[0].text
    phone.wait()
    assert all("Which kind" in one.text or is_greeting(one) for one in phone.inbox)


# -- what is not signed, or is no webhook ----------------------------------------------------------


def test_only_what_is_signed_is_taken(shop: Shop) -> None:
    phone = shop.phone()
    body = shop.standin.body_of([phone.says("hello", post=False)])
    wrong = dict.fromkeys(shop.standin.proof(body), "sha256=" + 64 * "0")
    assert 401 == shop.standin.post(body, headers={})
    assert 403 == shop.standin.post(body, headers=wrong)
    assert [] == shop.lines(phone)
    assert 200 == shop.standin.post(body, headers=shop.standin.proof(body))
    assert 1 == len(phone.wait())
    lines = shop.lines(phone)
    assert 200 == shop.standin.post(body, headers=shop.standin.proof(body))
    assert lines == shop.lines(phone)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"null", b"[]", b"{}", b'"\xff"', b'{"entry":7}', b"[" * 50_000, b"NaN"]
)
def test_junk_that_is_signed_is_answered_like_anything_else(shop: Shop, body: bytes) -> None:
    assert 200 == shop.standin.post(body, headers=shop.standin.proof(body))


def test_three_megabytes_are_taken_and_more_are_not(shop: Shop) -> None:
    phone = shop.phone()
    good = shop.standin.body_of([phone.says("show samples", post=False)])
    room = 3_000_000 - len(good)
    big = good[:-1] + b',"more":"' + b"x" * (room - 11) + b'"}'
    assert 200 == shop.standin.post(big, headers=shop.standin.proof(big))
    assert "Which kind of sample?" == phone.wait()[0].text
    parts = urlsplit(shop.url)
    with closing(HTTPConnection(str(parts.hostname), parts.port, timeout=30)) as connection:
        connection.putrequest("POST", urlsplit(shop.standin.webhook).path)
        connection.putheader("content-length", "3600000")
        connection.endheaders()  # who reads it all before answering would wait for it now
        assert 413 == connection.getresponse().status


def test_an_address_of_nobody_is_not_found(shop: Shop) -> None:
    answer = httpx2.post(f"{shop.url}/api/whatsapp/nobody/webhook", content=b"{}")
    assert 404 == answer.status_code


def test_the_challenge_wants_the_token(shop: Shop) -> None:
    assert shop.standin.verify()
    if isinstance(shop.standin, CloudStandin):
        assert not shop.standin.verify("another")
        assert not shop.standin.verify("")
