"""For everybody: no WCAG 2.2 A or AA fault in any state, by keyboard alone, read aloud, on a small screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.widget.conftest import OPERATOR, Visit
from tests.widget.page import Chat, Server, expect

AXE = (Path(__file__).parent / "axe" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
VIOLATIONS = """async tags => (await axe.run({runOnly: tags})).violations.map(
    fault => [fault.id, fault.nodes.map(node => node.target.flat().join(' '))])"""
# Everything that is pressed and in sight, but links within a sentence (WCAG 2.5.8 leaves those out).
SMALL = """chat => [...chat.shadowRoot.querySelectorAll('button, textarea, select, input')].filter(
    node => node.offsetParent || node.getClientRects().length).map(
    node => [node.className || node.textContent, node.getBoundingClientRect()]).filter(
    ([, {width, height}]) => width < 44 || height < 44).map(([name]) => name)"""
WIDER = """() => [document.scrollingElement, ...document.querySelector('rejoinder-chat').shadowRoot
    .querySelectorAll('*')].filter(node => node.clientWidth && node.scrollWidth > node.clientWidth + 1
        && !node.closest('.unseen')).map(node => node.className || node.localName)"""

ORDER = "Hi so i need to buy 11 remote controls and 20 air filters"
CONTACT = "Hari, 8848850922, techuse730@gmail.com"


async def closed(chat: Chat) -> None:
    """Leave it as the page shows it."""


async def ready(chat: Chat) -> None:
    await chat.open()


async def choices(chat: Chat) -> None:
    await chat.open()
    await chat.ask(ORDER)
    await chat.ask(CONTACT)
    await expect(chat.choice("Confirm")).to_be_enabled()


async def order_table(chat: Chat) -> None:
    await choices(chat)
    await expect(chat.page.get_by_role("table")).to_be_visible()
    await expect(chat.page.get_by_role("rowheader").first).to_contain_text("AC remote control")


async def error(chat: Chat) -> None:
    await chat.open()
    await chat.page.route("**/api/chat", lambda route: route.abort())
    await chat.say("hello")
    await expect(chat.notice.get_by_role("button", name="Try again")).to_be_visible()


async def refused(chat: Chat) -> None:
    await chat.open()
    await chat.element.evaluate("chat => chat.send('x'.repeat(2_000_000))")
    await expect(chat.unsent.get_by_role("button", name="Remove")).to_be_visible()


async def offline(chat: Chat) -> None:
    await choices(chat)
    await chat.page.context.set_offline(offline=True)
    await chat.say("one more thing")
    await expect(chat.notice).to_contain_text("You are offline")
    await expect(chat.unsent).to_contain_text("Waiting for a connection")


async def unread(chat: Chat) -> None:
    await choices(chat)
    await chat.page.keyboard.press("Escape")
    await chat.element.evaluate("chat => chat.send('help')")
    await expect(chat.page.locator(".badge")).to_be_visible()


async def operator(chat: Chat) -> None:
    await choices(chat)
    await say_as_operator(
        chat, "Hello, this is Anu. See https://example.com/remotes for all of them."
    )


async def say_as_operator(chat: Chat, text: str) -> None:
    """Take the conversation over and say something in it."""
    await as_operator(chat, "take-over")
    await as_operator(chat, "lines", {"text": text})
    await expect(chat.line("operator").last).to_contain_text(text)


async def as_operator(chat: Chat, what: str, body: dict[str, str] | None = None) -> None:
    """Use one of the operator's routes on this page's conversation."""
    key = await chat.page.evaluate("fetch('api/chat').then(r => r.json()).then(chat => chat.key)")
    origin = await chat.page.evaluate("location.origin")
    answer = await chat.page.request.post(
        f"{origin}/api/sessions/{key}/{what}",
        headers={"authorization": f"Bearer {OPERATOR}"},
        data=body,
    )
    assert answer.ok, await answer.text()


STATES: dict[str, tuple[Callable[[Chat], Awaitable[None]], str]] = {
    "closed": (closed, ""),
    "open": (ready, ""),
    "choices": (choices, ""),
    "order_table": (order_table, ""),
    "error": (error, ""),
    "refused": (refused, ""),
    "offline": (offline, ""),
    "unread": (unread, ""),
    "operator": (operator, ""),
    "dark": (choices, "?theme=dark"),
    "dark_operator": (operator, "?theme=dark"),
    "right_to_left": (choices, "?dir=rtl"),
    "five_variables": (choices, "?brand=plum"),
    "five_variables_dark": (operator, "?brand=plum&theme=dark"),
}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("state", STATES)
async def test_no_state_has_a_fault_of_wcag_a_or_aa(
    state: str, width: int, visit: Visit, shop: Server
) -> None:
    """And none scrolls sideways or has a target under 44 px."""
    reach, look = STATES[state]
    chat = await visit(shop.url + "/" + look, viewport={"width": width, "height": 720})
    await reach(chat)
    # Colours are judged once nothing moves any more.
    await chat.page.wait_for_function(
        "() => document.querySelector('rejoinder-chat').shadowRoot.getAnimations().every("
        "one => one.playState === 'finished' || one.effect.getTiming().iterations === Infinity)"
    )
    await chat.page.evaluate(AXE)

    assert await chat.page.evaluate(VIOLATIONS, WCAG) == []
    assert await chat.page.evaluate(WIDER) == []
    assert await chat.element.evaluate(SMALL) == []


async def test_a_fault_inside_the_element_would_be_found(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.element.evaluate(
        "chat => chat.shadowRoot.querySelector('.send').removeAttribute('aria-label')"
    )
    await chat.page.evaluate(AXE)
    found = await chat.page.evaluate(VIOLATIONS, WCAG)

    assert [name for name, _ in found] == ["button-name"]


# --- by keyboard ----------------------------------------------------------------------------------


async def test_an_order_is_placed_by_keyboard_alone(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    keyboard = chat.page.keyboard
    await expect(chat.launcher).to_be_visible()
    for _ in range(20):
        await keyboard.press("Tab")
        if await focused(chat) == "launcher":
            break
    await keyboard.press("Enter")
    await chat.ready()
    await expect(chat.input).to_be_focused()
    for message in (ORDER, CONTACT):
        answers = await chat.line("bot").count()
        await keyboard.type(message)
        await keyboard.press("Enter")
        await expect(chat.line("bot").nth(answers)).to_be_visible()
    await expect(chat.choice("Confirm")).to_be_enabled()
    # Back from what is typed: the buttons, the messages, the way out.
    order = [await focused(chat)]
    for _ in range(5):
        await keyboard.press("Shift+Tab")
        order.append(await focused(chat))
    assert order == ["", "Cancel", "Change", "Confirm", "log", "close"]

    await keyboard.press("Tab")
    await keyboard.press("Tab")
    await keyboard.press("Space")
    await expect(chat.line("bot").last).to_contain_text("Your order number is")
    await expect(chat.input).to_be_focused()

    await keyboard.press("Escape")
    await expect(chat.panel).to_be_hidden()
    await expect(chat.launcher).to_be_focused()


async def focused(chat: Chat) -> str:
    """Return the class or else the words of what has the focus in the element."""
    name: str = await chat.element.evaluate(
        "chat => { const now = chat.shadowRoot.activeElement; return now ? now.className || now.textContent : '' }"
    )
    return name


async def test_the_focus_goes_back_to_what_opened_the_chat(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    button = chat.page.get_by_role("button", name="Ask in the chat")
    await button.press("Enter")
    await chat.ready()
    await expect(chat.input).to_be_focused()
    await chat.page.keyboard.press("Escape")

    await expect(button).to_be_focused()


async def test_where_the_panel_covers_the_page_the_focus_stays_in_it(
    visit: Visit, shop: Server
) -> None:
    chat = await visit(shop.url, viewport={"width": 320, "height": 640})
    await chat.open()
    seen = []
    for _ in range(8):
        await chat.page.keyboard.press("Tab")
        seen.append(await focused(chat))

    assert seen == ["send", "close", "log", "", "send", "close", "log", ""]


async def test_shift_and_enter_begin_a_new_line(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.page.keyboard.type("one")
    await chat.page.keyboard.press("Shift+Enter")
    await chat.page.keyboard.type("two")
    await chat.page.keyboard.press("Enter")
    await expect(chat.line("user")).to_have_count(1)

    assert await chat.heard() == ["one\ntwo"]


# --- read aloud -----------------------------------------------------------------------------------

WATCH = """chat => {
    const log = chat.shadowRoot.querySelector('[role=log]');
    window.aloud = [];
    window.silent = [];
    new MutationObserver(changes => {
        for (const {addedNodes} of changes) for (const node of addedNodes) {
            if (!node.matches?.('.line:not(.unsent)')) continue;
            const live = log.getAttribute('aria-live');
            (live === 'polite' ? aloud : silent).push(node.querySelector('.text').textContent);
        }
    }).observe(log, {childList: true, subtree: true});
}"""


async def test_new_lines_are_read_aloud_and_history_is_not(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.ask("i need 11 remote controls")
    context = chat.page.context
    later = await visit("about:blank", context)
    # From the moment the element is there, before it has loaded anything.
    await later.page.add_init_script(
        "customElements.whenDefined('rejoinder-chat').then(() => requestAnimationFrame(() => ("
        + WATCH
        + ")(document.querySelector('rejoinder-chat'))))"
    )
    await later.page.route("**/api/chat?*", delayed)
    await later.page.goto(shop.url)
    await later.open()
    history = await later.page.evaluate("silent")
    assert await later.page.evaluate("aloud") == []
    await later.ask("Hari")

    assert history == [text for _, text in await chat.lines()][: len(history)]
    assert len(history) >= 2
    assert "Hari" in await later.page.evaluate("aloud")


async def delayed(route: Any) -> None:
    """Answer after the page has had a frame to look."""
    await route.request.frame.page.wait_for_function("window.silent")
    await route.continue_()


async def test_every_part_has_a_name(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await choices(chat)
    page = chat.page

    await expect(page.get_by_role("dialog", name="Cool Wind Services")).to_be_visible()
    await expect(page.get_by_role("log", name="Messages")).to_be_visible()
    await expect(page.get_by_role("group", name="Choose an answer")).to_be_visible()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await expect(page.get_by_role("button", name="Close chat")).to_be_visible()


async def test_nothing_moves_for_those_who_asked_for_that(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url, reduced_motion="reduce")
    await chat.open()
    moving = await chat.element.evaluate(
        "chat => [...chat.shadowRoot.querySelectorAll('*')].map(node => getComputedStyle(node)).filter("
        "style => style.animationName !== 'none' || style.transitionDuration !== '0s').length"
    )

    assert moving == 0


async def test_the_colours_follow_the_system_unless_the_page_says_otherwise(
    visit: Visit, shop: Server
) -> None:
    """Dark where the system is; `theme` wins."""
    surface = "chat => getComputedStyle(chat.shadowRoot.querySelector('.panel')).backgroundColor"
    chat = await visit(shop.url, color_scheme="dark")
    await chat.open()
    dark = await chat.element.evaluate(surface)
    await chat.element.evaluate("chat => chat.setAttribute('theme', 'light')")
    light = await chat.element.evaluate(surface)

    assert (dark, light) == ("rgb(23, 27, 31)", "rgb(255, 255, 255)")
