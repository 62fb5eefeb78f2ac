"""What is typed is sent once and in order, whatever the connection does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Route

from tests.widget.conftest import NewContext, Visit
from tests.widget.page import Chat, Server, expect

MESSAGES = ["i need 11 remote controls", "Hari", "8848850922"]


async def _type_offline(chat: Chat) -> None:
    """Lose the connection, and write all the same."""
    await chat.page.context.set_offline(offline=True)
    await expect(chat.notice).to_contain_text("You are offline")
    for message in MESSAGES:
        await chat.say(message)
    await expect(chat.unsent).to_have_count(3)


async def test_what_is_typed_offline_is_shown_and_sent_once_and_in_order(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    chat = await visit(shop.url, context)
    await chat.open()
    await _type_offline(chat)
    await expect(chat.unsent.first).to_contain_text("Waiting for a connection")
    assert await chat.heard() == []

    await context.set_offline(offline=False)
    await expect(chat.unsent).to_have_count(0)
    await expect(chat.notice).to_be_hidden()

    assert await chat.heard() == MESSAGES


async def test_what_was_typed_offline_survives_the_page(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    chat = await visit(shop.url, context)
    await chat.open()
    await _type_offline(chat)
    await chat.page.goto("about:blank")
    await context.set_offline(offline=False)

    later = await visit(shop.url, context)
    await later.open()
    await expect(later.line("user")).to_have_count(3)

    assert await later.heard() == MESSAGES
    await expect(later.unsent).to_have_count(0)


async def test_while_the_server_is_down_what_is_said_waits_and_then_goes_by_itself(
    visit: Visit, tmp_path: Path
) -> None:
    with Server(tmp_path, "parts_shop").running() as server:
        chat = await visit(server.url)
        await chat.open()
        await chat.ask(MESSAGES[0])
        server.kill()
        await chat.say(MESSAGES[1])
        await chat.say(MESSAGES[2])
        await expect(chat.notice).to_contain_text("The chat cannot be reached right now")
        await expect(chat.unsent).to_have_count(2)

        server.start()
        await expect(chat.unsent).to_have_count(0)
        await expect(chat.notice).to_be_hidden()

        assert await chat.heard() == MESSAGES


async def test_nobody_has_to_wait_who_tries_again(visit: Visit, shop: Server) -> None:
    """With the clock of the page stopped nothing is tried by itself: the button does it."""
    chat = await visit(shop.url)
    await chat.open()
    await chat.page.route("**/api/chat", lambda route: route.abort())
    await chat.page.clock.install()
    await chat.page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    await chat.say(MESSAGES[0])
    await expect(chat.notice).to_contain_text("The chat cannot be reached right now")
    await chat.page.unroute_all()
    assert await chat.heard() == []

    await chat.notice.get_by_role("button", name="Try again").click()
    await expect(chat.line("user")).to_have_count(1)
    await expect(chat.notice).to_be_hidden()
    await expect(chat.input).to_be_focused()


async def test_a_page_opened_while_the_server_is_down_comes_round_by_itself(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    chat = await visit(shop.url, context)
    await chat.open()
    await chat.ask(MESSAGES[0])
    later = await visit("about:blank", context)
    await chat.page.goto("about:blank")
    await later.page.route("**/api/**", lambda route: route.abort())
    await later.page.goto(shop.url)
    await later.launcher.click()
    await expect(later.notice).to_contain_text("The chat cannot be reached right now")
    assert await later.lines() == []
    await later.page.unroute_all()

    await expect(later.line("user")).to_have_count(1)
    await expect(later.notice).to_be_hidden()
    await later.ready()


async def test_a_message_whose_answer_was_lost_is_said_once(visit: Visit, shop: Server) -> None:
    """The server took it and the answer never came: sent again, it is the same message."""
    chat = await visit(shop.url)
    await chat.open()
    lost: list[str] = []

    async def lose_the_first_answer(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(await (await route.fetch()).text())
            await route.abort()
        else:
            await route.continue_()

    await chat.page.route("**/api/chat", lose_the_first_answer)
    await chat.ask(MESSAGES[0])

    assert len(lost) == 1
    assert await chat.heard() == MESSAGES[:1]
    await expect(chat.line("bot")).to_have_count(
        len([w for w, _ in await chat.lines() if w == "bot"])
    )
    await chat.page.reload()
    await chat.ready()
    assert await chat.heard() == MESSAGES[:1]


async def test_two_rapid_sends_arrive_once_and_in_order(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.element.evaluate("(chat, said) => said.forEach(text => chat.send(text))", MESSAGES)
    await expect(chat.line("user")).to_have_count(3)
    await expect(chat.unsent).to_have_count(0)

    assert await chat.heard() == MESSAGES


async def test_two_tabs_that_write_at_once_show_the_same(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    one, other = await visit(shop.url, context), await visit(shop.url, context)
    await one.open()
    await other.open()
    await asyncio.gather(one.say("hello from one"), other.say("hello from the other"))
    for chat in (one, other):
        await expect(chat.line("user")).to_have_count(2)
        await expect(chat.unsent).to_have_count(0)

    assert sorted(await one.heard()) == ["hello from one", "hello from the other"]
    assert await one.lines() == await other.lines()


async def test_a_tab_goes_on_listening_when_the_one_that_held_the_stream_is_closed(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    one = await visit(shop.url, context)
    await one.open()
    await one.ask(MESSAGES[0])
    other, third = await visit(shop.url, context), await visit(shop.url, context)
    for chat in (other, third):
        await chat.open()
    await one.page.goto("about:blank")
    await third.ask(MESSAGES[1])

    await expect(other.line("user")).to_have_count(2)
    assert await other.lines() == await third.lines()


async def test_too_much_at_once_is_sent_when_the_server_allows_it(
    visit: Visit, tmp_path: Path
) -> None:
    with Server(tmp_path, "parts_shop", web_rate="2/2s").running() as server:
        chat = await visit(server.url)
        await chat.open()
        said = [f"message {number}" for number in range(5)]
        await chat.element.evaluate("(chat, said) => said.forEach(text => chat.send(text))", said)
        await expect(chat.line("user")).to_have_count(5)

        assert await chat.heard() == said
        await expect(chat.notice).to_be_hidden()


async def test_a_refused_message_says_why_and_holds_nothing_up(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.element.evaluate("chat => chat.send('x'.repeat(2_000_000))")
    await expect(chat.unsent).to_contain_text("Not sent. The request is too large")
    await chat.say("hello")
    await expect(chat.line("user")).to_have_count(1)

    await chat.unsent.get_by_role("button", name="Try again").click()
    await expect(chat.unsent).to_contain_text("Not sent. The request is too large")
    await chat.unsent.get_by_role("button", name="Remove").click()
    await expect(chat.unsent).to_have_count(0)

    assert await chat.heard() == ["hello"]


async def test_a_refusal_is_told_in_the_language_of_the_element(visit: Visit, shop: Server) -> None:
    """Its own words, and the sentence that comes from the server."""
    chat = await visit(f"{shop.url}/?lang=es", locale="en-GB")
    await chat.page.locator(".launcher").click()
    await chat.ready()
    await chat.element.evaluate("chat => chat.send('x'.repeat(2_000_000))")

    await expect(chat.unsent).to_contain_text("No se envió. El mensaje es demasiado grande")


async def test_an_ended_conversation_says_so_and_the_next_message_opens_another(
    visit: Visit, shop: Server
) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.ask(MESSAGES[0])
    await chat.page.evaluate(
        """fetch('api/chat/end', {method: 'POST', body: '{"bot": "parts_shop"}',
                 headers: {'Content-Type': 'application/json'}})"""
    )
    await expect(chat.line("system")).to_contain_text("This conversation has ended")
    await chat.ask("hello again")

    assert await chat.heard() == [MESSAGES[0], "hello again"]
    await expect(chat.line("bot").last).to_contain_text("This is Cool Wind Services")
