"""Nothing said becomes markup, no token works that is not ours, and pages of other sites may hold the chat."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.widget.conftest import NewContext, Visit
from tests.widget.page import Server, expect
from tests.widget.test_accessible import say_as_operator

HOSTILE = Path(__file__).parent / "hostile"
ATTACKS = [
    "<script>window.hacked='user'</script>",
    "<img src=x onerror=\"window.hacked='user'\">",
    "javascript:window.hacked='address' https://example.com/\"onmouseover=\"window.hacked=1",
    "</div></template><svg/onload=window.hacked=1>{{7*7}}${7*7}",
]
MARKUP = """chat => [...chat.shadowRoot.querySelectorAll('*')].map(node => node.localName).filter(
    name => ['img', 'script', 'iframe', 'b', 'style'].includes(name))"""
LINKS = "chat => [...chat.shadowRoot.querySelectorAll('a')].map(link => link.href)"


async def test_no_text_ever_becomes_markup(visit: Visit, tmp_path: Path) -> None:
    """Texts, titles and labels of a bot, what the visitor writes, and what the page's author gives."""
    with Server(tmp_path, str(HOSTILE)).running() as server:
        chat = await visit(server.url)
        await chat.element.evaluate(
            """(chat, text) => {
                chat.setAttribute('bot', 'hostile');
                for (const name of ['heading', 'greeting']) chat.setAttribute(name, text);
                chat.setAttribute('strings', JSON.stringify({you: text, choose: text, hello: text}));
            }""",
            ATTACKS[1],
        )
        await chat.open()
        for attack in ATTACKS:
            await chat.ask(attack)
        await chat.ask("begin")
        await chat.ask("Hari")
        await expect(chat.page.locator(".choices button").first).to_be_visible()
        await chat.page.locator(".choices button").first.click()
        await expect(chat.unsent).to_have_count(0)
        await chat.page.reload()
        await chat.element.evaluate("chat => chat.setAttribute('bot', 'hostile')")
        await expect(chat.line("user").first).to_be_visible()

        assert (await chat.heard())[: len(ATTACKS)] == ATTACKS
        assert await chat.element.evaluate(MARKUP) == []
        assert set(await chat.element.evaluate(LINKS)) == {"https://example.com/"}
        assert await chat.page.evaluate("window.hacked") is None


async def test_what_the_team_says_and_what_a_file_is_called_is_text_too(
    visit: Visit, shop: Server
) -> None:
    chat = await visit(shop.url)
    await chat.open()
    await chat.ask("bulk order")
    name = "<img src=x onerror=window.hacked=1>.csv"
    await chat.page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": b"item,qty\nAC remote control,11\n"}
    )
    await expect(chat.line("user")).to_have_count(2)
    await chat.ask("Hari<svg/onload=window.hacked=1>, 8848850922, techuse730@gmail.com")
    for attack in ATTACKS:
        await say_as_operator(chat, attack)
    await chat.page.reload()
    await expect(chat.line("operator")).to_have_count(len(ATTACKS))

    assert name in (await chat.heard())[1]
    assert [text for who, text in await chat.lines() if who == "operator"] == ATTACKS
    assert await chat.element.evaluate(MARKUP) == []
    assert await chat.page.evaluate("window.hacked") is None


SAY = """async body => {
    const answer = await fetch('api/chat', {method: 'POST', body: JSON.stringify(body),
        headers: {'Content-Type': 'application/json'}});
    return [answer.status, await answer.json()];
}"""


async def test_the_session_and_the_message_of_another_visitor_are_out_of_reach(
    visit: Visit, shop: Server
) -> None:
    """From a page with a session of its own: the other's token is refused, the other's id says nothing."""
    hari, eva = await visit(shop.url), await visit(shop.url)
    _, first = await hari.page.evaluate(SAY, {"text": "i need 11 remote controls", "id": "m-1"})
    await eva.page.evaluate(SAY, {"text": "hello", "id": "e-1"})
    status, refused = await eva.page.evaluate(SAY, {"text": "mine", "session": first["session"]})
    assert (status, refused["type"]) == (403, "/docs#two-sessions")
    status, same = await eva.page.evaluate(SAY, {"text": "thanks", "id": "m-1"})
    assert (status, same["lines"][0]["text"]) == (200, "thanks")
    status, _ = await eva.page.evaluate(
        SAY, {"choice": "bulk_order.confirming.confirm", "of": first["lines"][-1]["seq"]}
    )
    assert status == 409
    for chat in (hari, eva):
        await chat.page.reload()
        await chat.open()

    await expect(hari.line("user")).to_have_count(1)
    await expect(eva.line("user")).to_have_count(2)
    assert await hari.heard() == ["i need 11 remote controls"]
    assert await eva.heard() == ["hello", "thanks"]


async def test_with_a_tampered_cookie_a_new_conversation_begins_and_says_so(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    chat = await visit(shop.url, context)
    await chat.open()
    await chat.ask("i need 11 remote controls")
    (cookie,) = [one for one in await context.cookies() if one["name"] == "rejoinder_session"]
    await context.add_cookies(
        [{"name": cookie["name"], "value": "x" + cookie["value"][1:], "url": shop.url}]
    )
    await chat.page.reload()
    await expect(chat.line("system")).to_contain_text(
        "Your earlier conversation could not be opened"
    )
    await chat.ask("hello")

    assert await chat.heard() == ["hello"]


async def test_the_cookie_is_out_of_reach_of_scripts(
    visit: Visit, new_context: NewContext, shop: Server
) -> None:
    context = await new_context()
    chat = await visit(shop.url, context)
    await chat.open()
    await chat.ask("hello")
    (cookie,) = [one for one in await context.cookies() if one["name"] == "rejoinder_session"]
    kept = await chat.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")

    assert cookie["httpOnly"]
    assert cookie["value"] not in kept


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[tuple[str, Server]]:
    """A page of another site that holds the chat, and the server that allows it to."""
    page = ""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            # What a careful shop allows: the chat's server, and nothing else.
            policy = f"default-src 'none'; script-src {server.url}; connect-src {server.url}"
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as pages:
        site = f"http://localhost:{pages.server_port}"
        thread = threading.Thread(target=pages.serve_forever)
        thread.start()
        with Server(tmp_path, "parts_shop", allowed_sites=site).running() as server:
            page = (
                '<!doctype html><html lang="en"><title>Another site</title>'
                f'<script src="{server.url}/widget/rejoinder-chat.js" async></script>'
                '<rejoinder-chat bot="parts_shop"></rejoinder-chat>'
            )
            yield site, server
        pages.shutdown()
        thread.join()


async def test_a_page_of_another_site_talks_with_a_bearer_token(
    visit: Visit, new_context: NewContext, elsewhere: tuple[str, Server]
) -> None:
    """Third-party cookies do not travel: none is set, and the conversation is there after a refresh."""
    site, _ = elsewhere
    context = await new_context()
    chat = await visit(site, context)
    await chat.open()
    await chat.ask("i need 11 remote controls")
    await chat.page.reload()
    await chat.ready()
    await chat.ask("Hari, 8848850922, hari@example.com")
    other = await visit(site, context)
    await other.open()

    assert await context.cookies() == []
    await expect(other.choice("Confirm")).to_be_visible()
    assert await other.lines() == await chat.lines()


async def test_with_a_tampered_token_a_new_conversation_begins_and_says_so(
    visit: Visit, new_context: NewContext, elsewhere: tuple[str, Server]
) -> None:
    site, _ = elsewhere
    chat = await visit(site)
    await chat.open()
    await chat.ask("i need 11 remote controls")
    await chat.page.evaluate(
        """() => {
            const name = Object.keys(localStorage).find(name => name.endsWith(' token'));
            localStorage[name] = 'x' + localStorage[name].slice(1);
        }"""
    )
    await chat.say("hello")
    await expect(chat.line("system")).to_contain_text(
        "Your earlier conversation could not be opened"
    )
    await expect(chat.unsent).to_have_count(0)
    await chat.page.reload()
    await chat.ready()

    assert await chat.heard() == ["hello"]


async def test_a_site_that_is_not_allowed_is_told_nothing(
    visit: Visit, elsewhere: tuple[str, Server]
) -> None:
    site, _ = elsewhere
    chat = await visit(site.replace("localhost", "127.0.0.1"))
    await chat.launcher.click()
    await chat.say("hello")
    await expect(chat.notice).to_contain_text("The chat cannot be reached")

    assert await chat.lines() == []
