"""The commands of those who look after conversations: sessions, take-over, reply, explain, end."""

# ruff: noqa: PLC0415 - the engine is imported inside: `--help` must not wait for it

from __future__ import annotations

__all__ = ["deliveries", "end", "explain", "hand_back", "reply", "sessions", "take_over"]

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.terms import BotsOption, DatabaseOption, RedisOption, columns, moment, show, word
from engine.errors import UsageError

if TYPE_CHECKING:
    from adapters.settings import Settings
    from engine.events import Event
    from engine.overview import Listed

Key = Annotated[str, typer.Argument(help="A session's key, as ./run sessions shows it.")]

OPERATOR = "operator"  # who did it, as the lines of a session say it


def sessions(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON array.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Ended sessions too.")] = False,
    bot: Annotated[str, typer.Option("--bot", help="Only this bot's: its folder or name.")] = "",
    database_url: DatabaseOption = "",
) -> None:
    """List the open sessions, the latest first."""
    import asyncio

    from adapters.assembly import find_bot, load_source
    from adapters.operating import opened, ready

    settings = ready(database_url=database_url)
    name = load_source(find_bot(bot)).bot.bot if bot else ""

    async def listed() -> Sequence[Listed]:
        async with opened(settings, books={}) as service:
            return await service.overview.sessions(bot=name, ended=all_)

    found = asyncio.run(listed())
    if json:
        from json import dumps

        show(dumps([_as_json(one) for one in found], ensure_ascii=False, indent=2))
        return
    if not found:
        word("no session is open.")
        return
    head = ("KEY", "BOT", "LANE", "MODE", "STATUS", "STATE", "LAST")
    show(columns(head, *(_as_row(one) for one in found)))


def _as_json(one: Listed) -> dict[str, str | None]:
    return {
        "key": one.key,
        "bot": one.bot,
        "lane": one.lane,
        "mode": one.mode,
        "status": one.status,
        "flow": one.flow,
        "state": one.state,
        "last_at": moment(one.last_at),
    }


def _as_row(one: Listed) -> tuple[str, ...]:
    state = f"{one.flow}: {one.state}" if one.flow else one.state
    return one.key, one.bot, one.lane, one.mode, one.status, state, moment(one.last_at)


def _changed(settings: Settings, key: str, mode: str) -> bool:
    """Change who answers a conversation; False where it is so already."""
    from engine.events import ModeChanged

    def event(id_: str, at: int) -> Event:
        return ModeChanged(id_, at, mode, OPERATOR)

    return _turn(settings, key, event, unless=mode) is not None


def take_over(
    key: Key,
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Take a conversation over: from now on a person answers, and the bot says nothing."""
    if not _changed(_settings(bot, database_url, redis_url), key, "manual"):
        word(f"{key} was in a person's hands already.")
    else:
        word(f"{key} is in your hands: ./run reply {key} TEXT, and ./run hand-back {key}")


def hand_back(
    key: Key,
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Hand a conversation back: the bot reads the customer's next message."""
    if not _changed(_settings(bot, database_url, redis_url), key, "agent"):
        word(f"{key} was in the bot's hands already.")
    else:
        word(f"the bot answers {key} again.")


def reply(
    key: Key,
    text: Annotated[str, typer.Argument(help="What the customer reads.")],
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """Say something to a customer yourself; it takes the conversation over."""
    from engine.events import OperatorSaid

    if not text.strip():
        raise UsageError("There is nothing to say. Example: ./run reply KEY 'I am on my way.'")

    def event(id_: str, at: int) -> Event:
        return OperatorSaid(id_, at, text, OPERATOR)

    _turn(_settings(bot, database_url, redis_url), key, event)
    word(f"said to {key}; the bot is quiet until: ./run hand-back {key}")


def end(
    key: Key,
    *,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
    redis_url: RedisOption = "",
) -> None:
    """End a conversation, a damaged one too: the customer's next message opens a new one."""
    from engine.events import ModeChanged

    reason = f"ended by {OPERATOR}"

    def event(id_: str, at: int) -> Event:
        return ModeChanged(id_, at, "ended", reason)

    _turn(_settings(bot, database_url, redis_url), key, event, ends=reason)
    word(f"{key} has ended.")


def deliveries(
    key: Key,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print them as one JSON array.")] = False,
    bot: BotsOption = None,
    database_url: DatabaseOption = "",
) -> None:
    """Show what became of each message to a customer's phone: sent, delivered, read, failed."""
    import asyncio

    from adapters.operating import newest, opened
    from engine.delivery import Sent

    async def found() -> Sequence[Sent]:
        async with opened(_settings(bot, database_url, ""), books={}) as service:
            one = await newest(service, key)
            return await service.switchboard.deliveries.of_session(one.id)

    sent = asyncio.run(found())
    if json:
        from json import dumps

        rows = [
            {"lines": list(one.lines), "state": one.state, "at": moment(one.at), "code": one.code}
            for one in sent
        ]
        show(dumps(rows, ensure_ascii=False, indent=2))
    elif not sent:
        word("nothing was sent to a phone in this conversation.")
    else:
        shown = (
            (", ".join(map(str, one.lines)), one.state, moment(one.at), str(one.code or ""))
            for one in sent
        )
        show(columns(("LINES", "STATE", "AT", "CODE"), *shown))


def explain(
    key: Key,
    seq: Annotated[
        int | None, typer.Argument(metavar="[SEQ]", help="The number of a line.", min=1)
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    bot: Annotated[str, typer.Option("--bot", help="Only this bot's: its folder or name.")] = "",
    database_url: DatabaseOption = "",
) -> None:
    """Say what a message was taken for and why, and what came of it; without SEQ list the lines."""
    import asyncio

    from adapters.assembly import find_bot, load_source
    from adapters.explaining import explained, in_words, listed, table
    from adapters.operating import newest, opened

    settings = _settings(None, database_url, "")
    name = load_source(find_bot(bot)).bot.bot if bot else ""

    async def found() -> Any:
        async with opened(settings, books={}) as service:
            one = await newest(service, key, bot=name)
            lines = await service.store.lines(one.id)
            if seq is None:
                return listed(lines)
            return explained(one, lines, await service.overview.requested(one.id), seq)

    what = asyncio.run(found())
    if json:
        from json import dumps

        show(dumps(what, ensure_ascii=False, indent=2))
    else:
        show(table(what) if seq is None else in_words(what))


def _settings(bot: list[str] | None, database_url: str, redis_url: str) -> Settings:
    from adapters.operating import ready

    return ready(bot=tuple(bot or ()), database_url=database_url, redis_url=redis_url)


def _turn(
    settings: Settings,
    key: str,
    event: Callable[[str, int], Event],
    *,
    unless: str = "",
    ends: str = "",
) -> Listed | None:
    """Hand an event to the open session of a key; None where it is in that mode already."""
    import asyncio

    from adapters.operating import opened, told

    async def turn() -> Listed | None:
        async with opened(settings) as service:
            return await told(service, key, event, unless=unless, ends=ends)

    return asyncio.run(turn())
