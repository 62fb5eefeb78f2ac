"""Texts: every language of the bot, and no placeholder that could come out empty or strange."""

from __future__ import annotations

__all__ = ["check_facts", "check_texts"]

from collections.abc import Iterator, Mapping

from engine.errors import Fault
from engine.language.check_graph import find_circle
from engine.language.refusals import did_you_mean
from engine.language.schema import CONTACT_FIELDS, PLACEHOLDER, AlwaysFile, BotFile, Text, TextsFile
from engine.language.sites import SPECIAL, TextSite, phrase_sites, text_fields, text_sites
from engine.language.survey import Survey


def check_texts(survey: Survey) -> Iterator[Fault]:
    """Check every text of a bot, and that the built-in ones speak its languages."""
    languages = survey.bot.languages
    for site in text_sites(survey):
        yield from check_languages(site, languages)
        for path, text in each_language(site):
            for match in PLACEHOLDER.finditer(text):
                if match[1] is None:
                    fault = "a brace { opens here and is not closed"
                    yield site.document.fault(path, fault, "Write {name}, or leave the brace out.")
                elif said := check_placeholder(survey, site, match[1]):
                    yield site.document.fault(path, *said)
    for words in phrase_sites(survey):
        if isinstance(words.phrases, dict):
            place = TextSite(words.document, words.path, dict.fromkeys(words.phrases, ""))
            yield from check_languages(place, languages)
    yield from check_built_in(survey)


def check_facts(survey: Survey) -> Iterator[Fault]:
    """Refuse facts that tell one another in a circle: none of them could be said."""
    own = (site for site in text_sites(survey) if site.flow is None)
    sites = {str(site.path[-1]): site for site in own if site.may_be_plain}
    tells = {
        name: [
            match[1].removeprefix("bot.")
            for _, text in each_language(site)
            for match in PLACEHOLDER.finditer(text)
            if match[1] is not None and match[1].startswith("bot.")
        ]
        for name, site in sites.items()
    }
    while circle := find_circle(tells):
        way = " -> ".join([*circle, circle[0]])
        fault = f"this tells itself without an end: {way}"
        remedy = f'Write out what "{circle[0]}" says in one of them.'
        yield sites[circle[0]].document.fault(sites[circle[0]].path, fault, remedy)
        for name in circle:
            del tells[name]


def each_language(site: TextSite) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """List a text's versions, each with its place."""
    if isinstance(site.text, str):
        yield site.path, site.text
    else:
        for language, text in site.text.items():
            yield (*site.path, language), text


def check_languages(site: TextSite, languages: list[str]) -> Iterator[Fault]:
    """Demand every language of the bot, and no other."""
    spoken = ", ".join(languages)
    if isinstance(site.text, str):
        if len(languages) > 1 and not site.may_be_plain:
            shape = ", ".join(f"{language}: ..." for language in languages)
            fault = f'"{said_at(site)}" is in one language, and the bot speaks {spoken}'
            yield site.document.fault(site.path, fault, f"Write {{{shape}}}.")
        return
    for language in languages:
        if language not in site.text:
            fault = f'"{said_at(site)}" is missing in "{language}"'
            yield site.document.fault(site.path, fault, f"Add {language}: ...")
    for language in site.text:
        if language not in languages:
            fault = f'the bot does not speak "{language}"'
            remedy = did_you_mean(language, languages) or f"Its languages are {spoken}."
            yield site.document.fault((*site.path, language), fault, remedy)


def said_at(site: TextSite) -> str | int:
    """Name the key a text stands under."""
    return next(step for step in reversed(site.path) if isinstance(step, str))


def check_placeholder(survey: Survey, site: TextSite, name: str) -> tuple[str, str] | None:
    """Say why a placeholder cannot be filled where it stands, if it cannot."""
    shown = f"{{{name}}}"
    if site.is_label:
        return (
            f"{shown} stands in a label",
            "A label is fixed; show the value in the text above it.",
        )
    if name in site.shows:
        if name == "opens" and survey.bot.hours is None:
            return f"{shown} needs opening hours", "Write hours in bot.yaml."
        return None
    first, dot, rest = name.partition(".")
    if dot and first in {"bot", "contact"}:
        return check_owned(survey.bot, first, rest)
    if name in SPECIAL:
        return f"{shown} means nothing here", f"It can stand in {SPECIAL[name]}."
    slots = site.flow.flow.slots if site.flow else {}
    saved = site.flow.saved if site.flow else {}
    if first in saved and not dot:
        return f"{shown} is a whole result", f"Name one of its fields, like {{{first}.number}}."
    priced = [
        f"{each}.price" for each, slot in slots.items() if slot.from_ and slot.type == "choice"
    ]
    if (
        name in (*slots, *priced)
        or (dot and first in saved)
        or (site.flow is None and name in (site.known or ()))
    ):
        if site.known is None or first in site.known:
            return None
        return unset(site, shown, first)
    fields = sorted(site.known or ()) if site.flow is None else []
    known = [*slots, *priced, *(f"{each}.number" for each in saved), *fields, *site.shows]
    facts = [f"bot.{fact}" for fact in survey.bot.facts]
    remedy = did_you_mean(name, [*known, *facts]) or (
        f"Here can stand {', '.join(f'{{{each}}}' for each in dict.fromkeys((*known, *facts)))}."
        if known or facts
        else "Nothing can be shown here; leave it out."
    )
    return f"{shown} is not known", remedy.replace('"', "{", 1).replace('"', "}", 1)


def check_owned(bot: BotFile, owner: str, field: str) -> tuple[str, str] | None:
    """Check a fact of the bot, or of the contact."""
    if owner == "bot":
        if field in bot.facts or field == "title":
            return None
        remedy = did_you_mean(field, bot.facts) or f"Add {field} to the facts of bot.yaml."
        return f'the bot has no fact "{field}"', remedy
    # The facts of a directory differ from person to person; only its owner knows their names.
    if bot.admit != "everyone":
        return None
    if field not in CONTACT_FIELDS:
        remedy = did_you_mean(field, CONTACT_FIELDS) or f"Known are {', '.join(CONTACT_FIELDS)}."
        return f'a contact has no "{field}"', remedy
    only_whatsapp = bool(bot.channels.whatsapp) and bot.channels.web is None
    if field == "language" or (field == "phone" and only_whatsapp):
        return None
    return (
        f"not every contact's {field} is known",
        f"Collect it in a slot with default: contact.{field}, and show the slot.",
    )


def unset(site: TextSite, shown: str, name: str) -> tuple[str, str]:
    """Say that a value may still be empty when a text is said."""
    slots = site.flow.flow.slots if site.flow else {}
    if name not in slots:
        state = site.flow.saved[name] if site.flow else ""
        return f'{shown} may be empty here: "{state}" may not have been done', (
            f'Show it only after "{state}" is done.'
        )
    if slots[name].optional:
        return f"{shown} may be empty here: it is optional", (
            f"Lead here only by a branch with when: {{{name}: known}}."
        )
    return f"{shown} may be empty here: not every path collects it before", (
        "Collect it on every path that leads here, or leave it out."
    )


def check_built_in(survey: Survey) -> Iterator[Fault]:
    """Demand every built-in line and command, in every language of the bot."""
    texts, always = survey.source.texts, survey.source.always
    document = survey.source.documents["texts"]
    lines: dict[str, Text | None] = {key: getattr(texts, field) for key, field in text_fields()}
    for key, text in (*lines.items(), ("skip_words", texts.skip_words)):
        if text is None:
            yield document.fault((), f'the line "{key}" is missing', f"Add it: {help_of(key)}")
    own = survey.bot.texts
    needed = {
        **{
            key: text
            for key, text in lines.items()
            if getattr(own, dict(text_fields())[key]) is None
        },
        **dict(command_texts(always)),
    }
    for number, language in enumerate(survey.bot.languages):
        missing = sorted(
            key
            for key, text in needed.items()
            if isinstance(text, dict) and not speaks(text, language)
        )
        if missing:
            few = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if missing[3:] else "")
            fault = f'built-in lines are not written in "{language}": {few}'
            remedy = f"Add {language}: to them in texts.yaml and always.yaml."
            yield survey.fault(("languages", number), fault, remedy)


def help_of(key: str) -> str:
    """Quote what a line is for, as its model says it."""
    fields = {field.alias or name: field for name, field in TextsFile.model_fields.items()}
    said = fields[key].description or ""
    return said[0].lower() + said[1:]


def command_texts(always: AlwaysFile) -> Iterator[tuple[str, object]]:
    """List the lines and words of the commands."""
    for command in AlwaysFile.model_fields:
        own = getattr(always, command)
        for part in ("words", "ask", "say", "nothing"):
            yield f"{command}.{part}", getattr(own, part)


def speaks(text: Mapping[str, object], language: str) -> bool:
    """Tell whether a line is written in a language; what is Spanish serves es-MX."""
    return language in text or language.partition("-")[0] in text
