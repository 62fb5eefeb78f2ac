"""Scenario A in a real browser: an order that survives a kill, a refresh and a second tab."""

from __future__ import annotations

from pathlib import Path

from tests.widget.conftest import NewContext, Visit
from tests.widget.page import Server, cards, expect

ORDER = "Hi so i need to buy 11 remote controls"
CONTACT = "Name is Hari and phone number is 8848850922 and email is techuse730@gmail.com"


async def test_an_order_goes_on_after_a_kill_a_refresh_and_in_a_second_tab(
    visit: Visit, new_context: NewContext, tmp_path: Path
) -> None:
    """A1, A2 and A6: the same conversation throughout, nothing asked twice, one order, no model."""
    context = await new_context()
    with Server(tmp_path, "parts_shop").running() as server:
        chat = await visit(server.url, context)
        await chat.open()
        await chat.ask(ORDER)
        asked = await chat.line("bot").last.inner_text()
        for wanted in ("name", "phone", "email"):
            assert wanted in asked

        server.kill()
        server.start()
        await chat.page.reload()
        await chat.ready()
        assert await chat.heard() == [ORDER]

        await chat.ask(CONTACT)
        await expect(chat.line("bot").last).to_contain_text(
            "Pickup Location: Cool Wind Services, Thiruvalla, Kerala"
        )
        for wanted in (
            "Hari",
            "11",
            "AC remote control",
            "techuse730@gmail.com",
            "Confirm this order?",
        ):
            await expect(chat.line("bot").last).to_contain_text(wanted)

        other = await visit(server.url, context)
        await other.open()
        assert await other.lines() == await chat.lines()

        server.kill()
        server.start()
        await other.choice("Confirm").click()
        await expect(other.line("bot").last).to_contain_text("Your order number is")
        await expect(chat.line("bot").last).to_contain_text("Your order number is")

        assert await other.lines() == await chat.lines()
        assert await chat.heard() == [ORDER, CONTACT, "Confirm"]
        assert not any("deliver" in text.lower() for _, text in await chat.lines())
        assert len(cards(server.run("orders", "list", "--json"))) == 1
        assert len(cards(server.run("sessions", "--json"))) == 1
        metrics = await (await context.request.get(f"{server.url}/metrics")).text()
        assert 'rejoinder_assistant_calls_total{bot="parts_shop"} 0.0' in metrics


async def test_somebody_nobody_picked_up_for_is_called_back(visit: Visit, tmp_path: Path) -> None:
    """A5: number, time, confirmation; the process is killed after each, and no model is asked."""
    with Server(tmp_path, "parts_shop").running() as server:
        chat = await visit(server.url)
        await chat.open()
        said = [
            "I tried to call but nobody picked up",
            "8848850922",
            "tomorrow at 10 in the morning",
        ]
        for text in said:
            await chat.ask(text)
            server.kill()
            server.start()
        confirmation = await chat.line("bot").last.inner_text()
        assert "8848850922" in confirmation.replace(" ", "")
        assert said[-1] in confirmation

        yes = chat.page.locator(".choices button").first
        label = await yes.inner_text()
        answers = await chat.line("bot").count()
        await yes.click()
        await expect(chat.line("bot").nth(answers)).to_be_visible()
        await expect(chat.page.locator(".choices button")).to_have_count(0)
        await expect(chat.unsent).to_have_count(0)

        assert await chat.heard() == [*said, label]
        (session,) = cards(server.run("sessions", "--json"))
        assert (session["flow"], session["state"]) == (None, "idle")
        metrics = await (await chat.page.request.get(f"{server.url}/metrics")).text()
        assert 'rejoinder_flows_completed_total{bot="parts_shop",flow="callback"} 1.0' in metrics
        assert 'rejoinder_assistant_calls_total{bot="parts_shop"} 0.0' in metrics


async def test_nobody_sees_the_conversation_of_somebody_else(visit: Visit, shop: Server) -> None:
    one, other = await visit(shop.url), await visit(shop.url)
    for chat in (one, other):
        await chat.open()
    await one.ask(ORDER)
    await other.ask("hello")

    assert await one.heard() == [ORDER]
    assert await other.heard() == ["hello"]
