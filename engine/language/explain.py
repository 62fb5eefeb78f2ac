"""A bot printed as its owner would read it: plain sentences, in the order things happen.

What a customer is told stands in the bot's first language; a name in quotes is a word they type.
"""

from __future__ import annotations

__all__ = ["explain"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.hours import DAY_NAMES, time_of_day
from engine.language.explain_flow import explain_flow
from engine.language.plain_words import (
    duration_in_words,
    few_of,
    first_of,
    join,
    quoted,
    underlined,
)
from engine.language.schema import AlwaysFile, BotFile, Desk, Hours
from engine.language.source import BotSource

if TYPE_CHECKING:
    from babel import Locale

WITHIN = {
    "cancel": "leaves the flow",
    "back": "undoes the last answer",
    "restart": "begins the flow again",
    "person": "calls a person",
    "help": "says what the bot can do",
    "question": "lets the customer ask something in between",
    "language": "says how to change the language",
}


def explain(source: BotSource) -> str:
    """Print a bot."""
    parts = ["\n".join(explain_bot(source)), "\n".join(explain_always(source))]
    parts += ["\n".join(explain_flow(source, name)) for name in source.flows]
    if source.faq:
        parts.append("\n".join(explain_questions(source)))
    return "\n\n".join(parts) + "\n"


def explain_bot(source: BotSource) -> Iterator[str]:
    """Say who the bot is, and what holds outside of every flow."""
    bot = source.bot
    language = bot.languages[0]
    yield from underlined(f"{first_of(bot.title or bot.bot, language)} ({bot.bot})", "=")
    country = english().territories.get(bot.region, bot.region)
    yield f"Speaks {join([language_name(each) for each in bot.languages])}."
    yield f"Typed phone numbers are read as in {country}, times as in {bot.timezone}."
    channels = ["the web chat"] if bot.channels.web is not None else []
    channels += [f"WhatsApp ({name})" for name in bot.channels.whatsapp]
    if channels:
        yield f"It is spoken to through {join(channels)}."
    if source.catalogue:
        yield f"It sells {counted(len(source.catalogue), 'product')}, in {bot.currency}."
    yield ""
    yield from explain_sessions(source, language)
    if bot.assistant.use != "none":
        yield from explain_assistant(source, language)
    yield from explain_people(bot, language)


def explain_sessions(source: BotSource, language: str) -> Iterator[str]:
    """Say how conversations begin and end, and what is not understood."""
    bot = source.bot
    if bot.welcome is not None:
        always = " always" if bot.session.welcome == "always" else ""
        yield f"A new conversation{always} begins with:"
        yield from quoted(bot.welcome, language)
    yield f"What is not understood {fallback(bot)}:"
    yield from quoted(bot.unknown or source.texts.unknown or "", language)
    idle = bot.session.idle
    if idle is None:
        yield "A conversation never ends by itself."
    else:
        inside = (
            ", inside a flow too" if bot.session.in_flow == "end" else ", but not inside a flow"
        )
        yield f"A conversation ends after {duration_in_words(idle)} of silence{inside}."


def explain_assistant(source: BotSource, language: str) -> Iterator[str]:
    """Say what is asked of the assistant, how often, and what it may use and offer."""
    rules = source.bot.assistant
    model = f"the model {rules.model}" if rules.model else "its usual model"
    yield f"The assistant answers with {model}, within {duration_in_words(rules.timeout)}."
    yield (
        f"It is asked at most {times(rules.per_session)} in a conversation"
        f" and {times(rules.per_day)} in a day."
    )
    if source.knowledge:
        files = len({piece.file for piece in source.knowledge})
        yield (
            f"It may use {counted(len(source.knowledge), 'passage')}"
            f" from {counted(files, 'file')} in {rules.knowledge}."
        )
    offers = [name for name, flow in source.flows.items() if flow.start.hint]
    yield f"It may offer {join(offers, 'or')}." if offers else "It offers no flow: none has a hint."
    if rules.fallback is not None:
        yield "When it fails, the bot says:"
        yield from quoted(rules.fallback, language)


def counted(count: int, what: str) -> str:
    """Write 1 file, 2 files."""
    return f"{count} {what}{'s' if count != 1 else ''}"


def times(count: int) -> str:
    """Write once, 20 times."""
    return "once" if count == 1 else f"{count} times"


def explain_people(bot: BotFile, language: str) -> Iterator[str]:
    """Say who is answered, and who answers where the bot does not."""
    if bot.admit != "everyone":
        yield "Only people of its directory are answered, while they are active there."
    if bot.hours:
        yield from explain_hours(bot.hours, language)
    for name, desk in bot.hand_over.items():
        yield explain_desk(name, desk)
    if not bot.hand_over:
        yield "There is no desk of people to call."
    for name, form in bot.forms.items():
        greeted = f", greeting with the template {form.greet.template}" if form.greet else ""
        yield f"The form {name} ({join(list(form.fields))}) writes to its {form.address}{greeted}."


def fallback(bot: BotFile) -> str:
    """Say who answers where no flow does."""
    if bot.assistant.use == "none":
        return "is answered with"
    name = bot.assistant.use.replace("_", " ")
    return f"goes to the assistant ({name}) outside of flows; without it"


def explain_hours(hours: Hours, language: str) -> Iterator[str]:
    """Say when people are there; days with the same hours stand together."""
    week = hours.week()
    runs: list[list[int]] = []
    for day, spans in enumerate(week):
        if runs and week[runs[-1][0]] == spans:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = []
    for run in runs:
        if week[run[0]]:
            names = DAY_NAMES[run[0]] + (f" to {DAY_NAMES[run[-1]]}" if len(run) > 1 else "")
            said.append(
                f"{names} {join([f'{time_of_day(a)}-{time_of_day(b)}' for a, b in week[run[0]]])}"
            )
    yield f"People are there {join(said) if said else 'on no day'}."
    if hours.closed is not None:
        yield "Outside these hours, who calls a person is told:"
        yield from quoted(hours.closed, language)


def explain_desk(name: str, desk: Desk) -> str:
    """Say who is called and how long a customer waits."""
    told = join([each.removeprefix("mail:") for each in desk.notify])
    who = f'The desk "{name}" is told through {told}' if told else f'The desk "{name}" looks itself'
    if desk.nobody_after is None:
        return f"{who}."
    return f"{who}; after {duration_in_words(desk.nobody_after)} without an answer the bot goes on."


def explain_always(source: BotSource) -> Iterator[str]:
    """Say which commands work everywhere."""
    language = source.bot.languages[0]
    yield from underlined("Works everywhere", "-")
    for command in AlwaysFile.model_fields:
        own = getattr(source.always, command)
        asks = f', after asking "{first_of(own.ask, language)}"' if own.ask is not None else ""
        yield f"{few_of(own.words, language)}: {WITHIN[command]}{asks}."


def explain_questions(source: BotSource) -> Iterator[str]:
    """Say which questions are answered, inside flows too."""
    language = source.bot.languages[0]
    yield from underlined("Answered everywhere, inside flows too", "-")
    for entry in source.faq:
        yield f"{few_of(entry.ask, language)}:"
        yield from quoted(entry.say, language)


def language_name(code: str) -> str:
    """Name a language in English."""
    return str(english().languages.get(code.partition("-")[0], code))


def english() -> Locale:
    """Look up the English names of languages and countries."""
    from babel import Locale  # noqa: PLC0415 - only the print-out needs names

    return Locale("en")
