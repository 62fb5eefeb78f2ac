"""What a page's author gets: attributes, methods, events, languages, themes, and a small file."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.widget.conftest import NewContext, Visit
from tests.widget.page import Server, expect
from tests.widget.test_accessible import as_operator, choices, say_as_operator

SCRIPT = Path(__file__).parents[2] / "adapters" / "web" / "static" / "rejoinder-chat.js"
LISTEN = """() => {
    window.told = [];
    for (const name of ['open', 'close', 'line', 'state']) {
        document.addEventListener('rejoinder:' + name, ({detail}) => told.push([name, detail]));
    }
}"""


def test_the_script_is_at_most_15_kb_gzipped() -> None:
    """As a web server sends it: 15,000 bytes, comments and all."""
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) <= 15_000


def test_the_script_writes_no_markup_and_evaluates_nothing() -> None:
    banned = r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\.style\b|alert\("

    assert re.findall(banned, SCRIPT.read_text(encoding="utf-8")) == []


def test_the_element_says_the_same_things_in_every_language() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    words = text[text.index("const WORDS") : text.index("// --- how it looks")]
    languages = re.findall(r"^    (\w\w): \{(.*?)^    \},$", words, re.DOTALL | re.MULTILINE)
    keys = {name: re.findall(r"\b(\w+): \"", said) for name, said in languages}

    assert list(keys) == ["en", "es", "id", "hi"]
    assert all(said == keys["en"] for said in keys.values())


async def test_a_page_opens_speaks_listens_and_closes(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.page.evaluate(LISTEN)
    await chat.element.evaluate("chat => chat.open()")
    await chat.ready()
    await expect(chat.input).to_be_focused()
    await chat.element.evaluate("chat => chat.send('i need 11 remote controls')")
    await expect(chat.line("bot").first).to_be_visible()
    assert await chat.element.get_attribute("open") == ""
    await chat.element.evaluate("chat => chat.close()")
    await expect(chat.panel).to_be_hidden()
    told: list[tuple[str, Any]] = await chat.page.evaluate("told")
    names = [name for name, _ in told]
    lines = [detail for name, detail in told if name == "line"]
    (state,) = [d for name, d in told if name == "state" and d["state"] == "collecting_contact"]

    assert (names[0], names[-1]) == ("open", "close")
    assert [line["who"] for line in lines][:2] == ["user", "bot"]
    assert [line["seq"] for line in lines] == sorted({line["seq"] for line in lines})
    assert (state["flow"], state["mode"]) == ("bulk_order", "agent")


async def test_the_attribute_opens_and_closes_too(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.element.evaluate("chat => chat.setAttribute('open', '')")
    await expect(chat.panel).to_be_visible()
    await chat.element.evaluate("chat => chat.removeAttribute('open')")

    await expect(chat.panel).to_be_hidden()


async def test_a_page_nobody_talked_on_asks_the_server_for_nothing(
    visit: Visit, shop: Server
) -> None:
    chat = await visit("about:blank")
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    await chat.page.goto(shop.url)
    await expect(chat.launcher).to_be_visible()

    assert [url for url in asked if "/api/" in url] == []
    assert await chat.page.evaluate("document.cookie + JSON.stringify(localStorage)") == "{}"


@pytest.mark.parametrize(
    ("lang", "write"),
    [
        ("en-IN", "Write a message"),
        ("es", "Escribe un mensaje"),
        ("id", "Tulis pesan"),
        ("hi", "Sandesh likhiye"),
        ("fr", "Write a message"),
    ],
)
async def test_the_element_speaks_the_language_of_its_attribute(
    lang: str, write: str, visit: Visit, shop: Server
) -> None:
    chat = await visit(shop.url)
    await chat.element.evaluate("(chat, lang) => chat.setAttribute('lang', lang)", lang)
    await chat.page.locator(".launcher").click()

    await expect(chat.page.get_by_role("textbox", name=write)).to_be_visible()


async def test_any_other_language_is_given_by_the_page(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    strings = json.dumps({"launch": "Ouvrir", "write": "Votre message", "hello": "Bonjour !"})
    await chat.element.evaluate("(chat, said) => chat.setAttribute('strings', said)", strings)
    await chat.page.get_by_role("button", name="Ouvrir").click()

    await expect(chat.page.get_by_role("textbox", name="Votre message")).to_be_visible()
    await expect(chat.page.get_by_text("Bonjour !")).to_be_visible()


async def test_another_language_keeps_what_was_said_and_what_is_being_typed(
    visit: Visit, shop: Server
) -> None:
    chat = await visit(shop.url)
    await choices(chat)
    before = await chat.lines()
    await chat.input.fill("half a sen")
    await chat.element.evaluate("chat => chat.setAttribute('lang', 'es')")
    box = chat.page.get_by_role("textbox", name="Escribe un mensaje")

    await expect(box).to_have_value("half a sen")
    assert [text for who, text in await chat.lines() if who == "user"] == [
        text for who, text in before if who == "user"
    ]
    await expect(chat.choice("Confirm")).to_be_visible()
    await expect(chat.page.locator(".line .who").first).to_contain_text("Tú")


async def test_five_variables_are_a_theme(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    look = """chat => {
        const style = name => getComputedStyle(chat.shadowRoot.querySelector(name));
        return [style('header').backgroundColor, style('header').color, style('.panel').backgroundColor,
            style('.panel').color, style('.panel').fontFamily];
    }"""
    theme = {
        "accent": "rgb(1, 2, 3)",
        "on-accent": "rgb(250, 251, 252)",
        "surface": "rgb(240, 241, 242)",
        "text": "rgb(20, 21, 22)",
        "font": "Georgia",
    }
    before = await chat.element.evaluate(look)
    await chat.element.evaluate(
        """(chat, theme) => {
            for (const [name, value] of Object.entries(theme)) chat.style.setProperty('--rejoinder-' + name, value);
        }""",
        theme,
    )

    assert await chat.element.evaluate(look) == list(theme.values())
    assert not set(before) & set(theme.values())


# --- what comes by itself -------------------------------------------------------------------------


async def test_what_the_team_says_is_told_apart_and_counted_while_closed(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    """In every tab, and after a refresh; opening one tab reads it in all."""
    context = await new_context()
    chat, other = await visit(shop.url, context), await visit(shop.url, context)
    await chat.open()
    await chat.ask("i need 11 remote controls")
    await chat.page.keyboard.press("Escape")
    await expect(chat.page.locator(".badge")).to_be_hidden()
    await say_as_operator(chat, "Hello, this is Anu.")
    for one in (chat, other):
        await expect(one.page.locator(".badge")).to_have_text("1")
    await chat.page.reload()
    await expect(chat.launcher).to_have_accessible_name("Open chat. Unread messages: 1")
    await chat.open()

    await expect(chat.page.locator(".line.operator .who")).to_contain_text("Our team")
    await expect(other.page.locator(".badge")).to_be_hidden()


async def test_while_an_answer_is_on_its_way_somebody_is_seen_typing(
    visit: Visit, shop: Server
) -> None:
    """The answer to a message may say that more comes; the stream then brings it."""
    chat = await visit("about:blank")
    later = asyncio.Event()

    async def held_back(route: Any) -> None:
        await later.wait()
        await route.continue_()

    async def cut_short(route: Any) -> None:
        response = await route.fetch()
        answer = await response.json()
        if len(answer["lines"]) > 1 and answer["state"] == "idle":
            answer |= {"lines": answer["lines"][:1], "state": "placing", "pending": True}
        await route.fulfill(response=response, json=answer)

    await chat.page.route("**/api/chat/stream*", held_back)
    await chat.page.route("**/api/chat", cut_short)
    await chat.page.goto(shop.url)
    await choices(chat)
    await chat.choice("Confirm").click()
    await expect(chat.page.locator(".typing")).to_be_visible()
    later.set()

    await expect(chat.line("bot").last).to_contain_text("Your order number is")
    await expect(chat.page.locator(".typing")).to_be_hidden()


async def test_a_file_goes_where_the_flow_takes_one(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    attach = chat.page.get_by_role("button", name="Attach a file")
    await expect(attach).to_be_hidden()
    await chat.ask("bulk order")
    await expect(attach).to_be_visible()
    async with chat.page.expect_file_chooser() as chooser:
        await attach.click()
    await (await chooser.value).set_files(
        {"name": "parts.csv", "mimeType": "text/csv", "buffer": b"item,qty\nAC remote control,11\n"}
    )
    await expect(chat.line("user")).to_have_count(2)
    await expect(chat.unsent).to_have_count(0)

    assert "(file parts.csv)" in (await chat.heard())[1]
    await expect(chat.line("bot").last).to_contain_text("your name")
    await expect(attach).to_be_hidden()


async def test_a_file_that_is_too_large_is_not_sent(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.ask("bulk order")
    await chat.page.locator("input[type=file]").set_input_files(
        {"name": "parts.csv", "mimeType": "text/csv", "buffer": b"x" * 1_000_001}
    )

    await expect(chat.line("system")).to_contain_text("too large")
    await expect(chat.unsent).to_have_count(0)


async def test_a_reader_further_up_is_not_pulled_away(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await choices(chat)
    for number in range(4):
        await chat.ask(f"question {number}")
    # As a hand does it: until it is seen to stay, whatever was still being drawn.
    await chat.log.evaluate(
        """async log => {
            do {
                log.scrollTop = 0;
                for (const _ of 'ab') await new Promise(requestAnimationFrame);
            } while (log.scrollTop);
        }"""
    )
    await say_as_operator(chat, "Hello, this is Anu.")
    newer = chat.page.get_by_role("button", name="New messages")
    await expect(newer).to_be_visible()
    assert await chat.log.evaluate("log => log.scrollTop") == 0
    await newer.click()

    await expect(newer).to_be_hidden()
    await expect(chat.line("operator").last).to_be_in_viewport()


async def test_only_the_latest_question_has_buttons(visit: Visit, shop: Server) -> None:
    chat = await visit(shop.url)
    await choices(chat)
    await chat.ask("no, my email is hari@example.com")

    await expect(chat.page.locator(".choices")).to_have_count(1)
    await expect(chat.choice("Confirm")).to_have_count(1)


async def test_while_a_person_answers_there_are_no_buttons(visit: Visit, shop: Server) -> None:
    """A tap would be recorded and not read."""
    chat = await visit(shop.url)
    await choices(chat)
    await say_as_operator(chat, "Hello, this is Anu.")
    await expect(chat.page.locator(".choices")).to_have_count(0)
    await as_operator(chat, "hand-back")

    await expect(chat.choice("Confirm")).to_be_enabled()


async def test_two_chats_of_two_bots_stay_apart(visit: Visit, tmp_path: Path) -> None:
    hostile = str(Path(__file__).parent / "hostile")
    with Server(tmp_path, "parts_shop", hostile).running() as server:
        chat = await visit(server.url)
        await chat.open()
        await chat.ask("hello")
        # What is on its way when the page changes the bot is still the other one's.
        await chat.element.evaluate(
            "chat => { chat.send('one more'); chat.setAttribute('bot', 'hostile') }"
        )
        await chat.ready()
        await expect(chat.line("user")).to_have_count(0)
        await chat.element.evaluate("chat => chat.setAttribute('bot', 'parts_shop')")

        await expect(chat.line("user")).to_have_count(2)
        assert await chat.heard() == ["hello", "one more"]
