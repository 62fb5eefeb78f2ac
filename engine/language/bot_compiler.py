"""A bot's checked files to one Book: texts, indexes of phrases, flows, rules."""

from __future__ import annotations

__all__ = ["compile_bot"]

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.language import book as compiled
from engine.language import schema
from engine.language.compiler import (
    all_phrases,
)
from engine.language.flow_compiler import MONTH_FIRST, FlowCompiler, Readers
from engine.language.guards import compile_when, slots_read
from engine.language.slot import Group
from engine.language.source import BotSource
from engine.language.wording import Text, Voice
from engine.readers import READERS
from engine.readers.folding import words
from engine.readers.lexicon import phrases, phrases_by_value, words_in
from engine.readers.phrases import PhraseIndex

CONTACT: Final[tuple[schema.SlotKind, ...]] = ("email", "phone", "person_name")


def compile_bot(source: BotSource, *, readers: Readers = READERS) -> compiled.Book:
    """Compile a checked bot; sessions of all its customers share the result."""
    return _Compiler(source, readers).book()


class _Compiler(FlowCompiler):
    """Compiles what is of the whole bot."""

    def book(self) -> compiled.Book:
        """Compile the whole bot."""
        bot, source = self.bot, self.source
        texts = self.texts()
        flows = {name: self.flow(source.flows[name]) for name in bot.flows}
        whens, when_groups = self.whens()
        topics, small_talk = self.topics()
        desks = {
            name: compiled.Desk(name, desk.nobody_after, self.maybe(desk.say))
            for name, desk in bot.hand_over.items()
        }
        facts: dict[str, Any] = {**bot.facts, "title": bot.title or bot.bot}
        skips = getattr(bot.texts, "skip_words", None) or source.texts.skip_words
        return compiled.Book(
            bot=bot.bot,
            title=self.text(bot.title or bot.bot),
            languages=self.languages,
            timezone=ZoneInfo(bot.timezone),
            facts={name: self.text(fact) for name, fact in facts.items()},
            flows=flows,
            topics=topics,
            whens=whens,
            when_groups=when_groups,
            contact_groups=self.contact_groups(),
            small_talk=small_talk,
            answers={entry.id: self.text(entry.say) for entry in source.faq},
            command_words=self.command_words(),
            commands=self.commands(),
            texts=texts,
            skips=self.index({"skip": self.in_languages(skips)}),
            leaves=self.index(
                {
                    key: [text[language].constant or "" for language in self.languages]
                    for key, text in (("continue", texts["continue"]), ("leave", texts["leave"]))
                }
            ),
            cues=self.index(
                {
                    topic: list(phrases(self.languages, topic))
                    for topic in ("corrections", "adds", "drops")
                },
                polite=False,
            ),
            enough=self.index({"enough": list(phrases(self.languages, "enough"))}, polite=False),
            left_out=self.index(
                {
                    "out": [
                        *phrases(self.languages, "drops"),
                        *phrases(self.languages, "leaves_out"),
                        *phrases(self.languages, "lacking"),
                        *self.in_languages(skips),
                        *[text.constant or "" for text in texts["left_out"].values()],
                    ]
                }
            ),
            greetings=self.index(
                {
                    "thanks": list(phrases(self.languages, "thanks")),
                    "goodbye": list(phrases(self.languages, "goodbyes")),
                    "greeting": sorted(self.greetings),
                }
            ),
            ordinals=phrases_by_value(self.languages, "ordinals"),
            yes_no=self.group("yes_no", schema.Slot(type="yes_no"), ()),
            number=self.group("number", schema.Slot(type="number"), ()),
            language_names=self.language_names(),
            voices={
                language: Voice(
                    language,
                    _locale(language, bot.region),
                    (texts["and"][language].constant or "", texts["or"][language].constant or ""),
                )
                for language in self.languages
            },
            welcome=self.maybe(bot.welcome) or texts.get("welcome"),
            unknown=self.maybe(bot.unknown) or texts["unknown"],
            busy=self.maybe(bot.busy) or texts["busy"],
            trouble=self.maybe(bot.trouble) or texts["trouble"],
            welcome_always=bot.session.welcome == "always",
            idle_after=bot.session.idle,
            idle_ends_flows=bot.session.in_flow == "end",
            desks=desks,
            desk=next(iter(desks), ""),
            admits_people=bot.admit != "everyone",
            previews=bool(bot.channels.preview),
            retention=bot.retention,
            currency=bot.currency,
            polite_words=words_in(self.polite),
            small_words=self.small_words,
            manual_return_after=bot.manual.return_after,
            assistant=self.assistant(),
            forms={name: self.form(name, form) for name, form in bot.forms.items()},
            hours=self.hours(),
            published=frozenset(event for hook in bot.webhooks for event in hook.events),
        )

    def commands(self) -> dict[str, compiled.Command]:
        """Compile the commands; a bot's own built-in lines win over what they usually say."""
        own = self.bot.texts
        said = {
            "cancel": (own.cancelled, None),
            "restart": (own.restarted, None),
            "back": (own.went_back, own.nothing_back),
        }
        found: dict[str, compiled.Command] = {}
        for name, one in self.source.always:
            say, nothing = said.get(name, (None, None))
            found[name] = compiled.Command(
                self.maybe(one.ask), self.maybe(say or one.say), self.maybe(nothing or one.nothing)
            )
        return found

    def texts(self) -> dict[str, Text]:
        """Compile the built-in lines, the bot's own words before ours."""
        found: dict[str, Text] = {}
        own = self.bot.texts.model_dump(by_alias=True, exclude_none=True)
        built_in = self.source.texts.model_dump(by_alias=True, exclude_none=True)
        for name, text in {**built_in, **own}.items():
            if name != "skip_words":
                found[name] = self.text(text)
        return found

    def in_languages(self, listed: Any) -> list[str]:
        """List phrases of the bot's languages only."""
        if isinstance(listed, Mapping):
            return [one for language in self.languages for one in listed.get(language, ())]
        return all_phrases(listed)

    def command_words(self) -> PhraseIndex[str]:
        """Index the commands, and each language's own and English name."""
        listed: dict[str, list[str]] = {
            name: self.in_languages(one.words) for name, one in self.source.always
        }
        if len(self.languages) > 1:
            for language, own in self.language_names().items():
                english = _language_name(language, "en")
                listed[f"language:{language}"] = [
                    own,
                    f"bahasa {own}",
                    english,
                    f"in {english}",
                    f"speak {english}",
                    f"en {own}",
                    f"{own} please",
                ]
        return PhraseIndex(listed, polite=self.polite)

    def language_names(self) -> dict[str, str]:
        """Name each language as its speakers do."""
        return {language: _language_name(language, language) for language in self.languages}

    def topics(self) -> tuple[PhraseIndex[Any], PhraseIndex[Any]]:
        """Index start phrases and the FAQ; small talk counts only as a whole message."""
        asked: dict[compiled.Topic, list[str]] = {}
        small: dict[compiled.Topic, list[str]] = {}
        for name in self.bot.flows:
            for language, spoken in _by_language(self.source.flows[name].start.phrases).items():
                asked.setdefault(("flow", name, language), []).extend(spoken)
        for entry in self.source.faq:
            for language, listed in _by_language(entry.ask).items():
                for phrase in listed:
                    folded = " ".join(word for word, _, _ in words(phrase))
                    # "Hi, I need 11 remotes" asks nothing: a greeting is one only by itself.
                    home = small if folded in self.greetings else asked
                    home.setdefault(("faq", entry.id, language), []).append(phrase)
        return PhraseIndex(asked, polite=self.polite), PhraseIndex(small, polite=self.polite)

    def whens(self) -> tuple[tuple[compiled.When, ...], tuple[Group, ...]]:
        """Compile what a message must contain; each kind of value is read once for all flows."""
        whens: list[compiled.When] = []
        groups: dict[str, Group] = {}
        for name in self.bot.flows:
            flow = self.source.flows[name]
            guard = compile_when(flow.start.when)
            if guard is None:
                continue
            reads: list[tuple[str, str]] = []
            for slot in sorted(slots_read(flow.start.when)):
                spec = flow.slots[slot]
                key = f"{spec.type}.{spec.from_ or ''}"
                if key not in groups:
                    # Shared by all flows, so its one "slot" is the kind of value itself.
                    groups[key] = self.group(spec.type, spec, (key,))
                reads.append((slot, key))
            whens.append(compiled.When(name, guard, tuple(reads)))
        for kind in ("email", "phone") if groups else ():
            # Taken out before anything else is read: 9447 600 210 is no quantity.
            spec, key = schema.Slot(type=kind), f"{kind}."
            groups.setdefault(key, self.group(kind, spec, (key,)))
        ordered = sorted(groups.values(), key=lambda group: group.reader.order)
        return tuple(whens), tuple(ordered)

    def contact_groups(self) -> tuple[Group, ...]:
        """Compile the readers of what customers say of themselves before any flow is active."""
        asked = {
            slot.type for name in self.bot.flows for slot in self.source.flows[name].slots.values()
        }
        kinds = (kind for kind in CONTACT if kind in asked)
        groups = [self.group(kind, schema.Slot(type=kind), (kind,)) for kind in kinds]
        return tuple(sorted(groups, key=lambda group: group.reader.order))

    def assistant(self) -> compiled.AssistantRules | None:
        """Compile who is asked when no flow is active."""
        rules = self.bot.assistant
        if rules.use == "none":
            return None
        return compiled.AssistantRules(
            rules.use,
            self.maybe(rules.fallback),
            rules.per_session,
            rules.per_day,
            rules.timeout,
            rules.system or "",
        )

    def form(self, name: str, form: schema.Form) -> compiled.Form:
        """Compile a form and find the flow it starts."""
        flow = next(
            (one for one in self.bot.flows if self.source.flows[one].start.form == name), ""
        )
        greet = form.greet
        return compiled.Form(
            name,
            dict(form.fields),
            greet.template if greet else "",
            self.maybe(greet.say) if greet else None,
            tuple(greet.with_) if greet else (),
            flow,
        )

    def hours(self) -> compiled.Hours | None:
        """Compile the opening hours."""
        hours = self.bot.hours
        if hours is None:
            return None
        spans = tuple(
            (day, start, end) for day, opening in enumerate(hours.week()) for start, end in opening
        )
        return compiled.Hours(spans, self.maybe(hours.closed))


def _by_language(listed: Any) -> dict[str, list[str]]:
    if listed is None:
        return {}
    if isinstance(listed, Mapping):
        return {language: list(spoken) for language, spoken in listed.items()}
    return {"": list(listed)}


def _locale(language: str, region: str) -> str:
    from babel import localedata  # noqa: PLC0415 - as below

    own = f"{language}_{region}"
    if localedata.exists(own):
        return own
    # Where a country has no English of its own, the day still comes first but in America.
    return "en_GB" if language == "en" and region not in MONTH_FIRST else language


def _language_name(language: str, into: str) -> str:
    from babel import Locale  # noqa: PLC0415 - 30 ms of locale data, for bots of several languages

    return str(Locale.parse(language).get_display_name(into) or language).title()
