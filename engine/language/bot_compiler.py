"""A bot's checked files to one Book: texts, indexes of phrases, flows, rules."""

from __future__ import annotations

__all__ = ["compile_bot"]

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from engine.language import book as compiled
from engine.language import schema
from engine.language.compiler import (
    Reads,
    StateCompiler,
    all_phrases,
    compile_machine,
    compile_state,
)
from engine.language.guards import compile_when, slots_read
from engine.language.source import BotSource
from engine.language.wording import Text, Voice, compile_text
from engine.readers import READERS, Kind
from engine.readers.folding import words
from engine.readers.lexicon import phrases, phrases_by_value, word_set
from engine.readers.phrases import PhraseIndex
from engine.readers.reading import Hearing
from engine.readers.spoken import SMALL_WORDS

Readers = Mapping[str, Kind]
# Countries that write the month first; everywhere else the day comes first or the year does.
MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW"})


# Words that say nothing by themselves, cues and labels of values included.
CONTENTLESS = (*SMALL_WORDS, "name_is", "name_was")


def compile_bot(source: BotSource, *, readers: Readers = READERS) -> compiled.Book:
    """Compile a checked bot; sessions of all its customers share the result."""
    return _Compiler(source, readers).book()


class _Compiler:
    """Holds what every part of a bot is compiled with."""

    def __init__(self, source: BotSource, readers: Readers) -> None:
        self.source = source
        self.bot = source.bot
        self.languages = tuple(source.bot.languages)
        self.readers = readers
        self.polite = phrases(self.languages, "polite")
        self.greetings = word_set(self.languages, "greetings")
        self.small_words = frozenset(
            word
            for phrase in (
                *(one for topic in CONTENTLESS for one in phrases(self.languages, topic)),
                *phrases_by_value(self.languages, "labels"),
            )
            for word in phrase.split()
        )
        self.plain_words = frozenset(
            word
            for topic in SMALL_WORDS
            for phrase in phrases(self.languages, topic)
            for word in phrase.split()
        )
        self.catalogue = {row["id"]: (row["name"], *row["aliases"]) for row in source.catalogue}
        self.groups: dict[Any, compiled.Group] = {}

    def text(self, text: Any) -> Text:
        """Compile a text that must be there."""
        return compile_text(text, self.languages)

    def maybe(self, text: Any) -> Text | None:
        """Compile a text that may be missing."""
        return None if text is None else compile_text(text, self.languages)

    def index(self, listed: Mapping[Any, Any], *, polite: bool = True) -> PhraseIndex[Any]:
        """Index phrases by key, with or without polite words around them."""
        return PhraseIndex(
            {key: all_phrases(value) for key, value in listed.items()},
            polite=self.polite if polite else (),
        )

    # -- the bot ------------------------------------------------------------------------------

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
            greetings=self.index(
                {
                    "thanks": list(phrases(self.languages, "thanks")),
                    "greeting": sorted(self.greetings),
                }
            ),
            ordinals=phrases_by_value(self.languages, "ordinals"),
            yes_no=self.group("yes_no", schema.Slot(type="yes_no"), ()),
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
            currency=bot.currency,
            polite_words=frozenset(word for phrase in self.polite for word in phrase.split()),
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

    def whens(self) -> tuple[tuple[compiled.When, ...], tuple[compiled.Group, ...]]:
        """Compile what a message must contain; each kind of value is read once for all flows."""
        whens: list[compiled.When] = []
        groups: dict[str, compiled.Group] = {}
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
        ordered = sorted(groups.values(), key=lambda group: group.reader.order)
        return tuple(whens), tuple(ordered)

    def assistant(self) -> compiled.AssistantRules | None:
        """Compile who is asked when no flow is active."""
        rules = self.bot.assistant
        if rules.use == "none":
            return None
        return compiled.AssistantRules(rules.use, self.maybe(rules.fallback), rules.per_session)

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

    # -- a flow -------------------------------------------------------------------------------

    def flow(self, flow: schema.FlowFile) -> compiled.Flow:
        """Compile a flow to its machine and states."""
        initial = flow.start.at or next(iter(flow.states))
        slots = {name: self.slot(name, slot) for name, slot in flow.slots.items()}
        state_compiler = StateCompiler(flow.flow, self.languages, slots, self.polite)
        reads = Reads()
        states = {
            name: compile_state(state_compiler, name, state, reads)
            for name, state in flow.states.items()
        }
        groups = self.slot_groups(flow)
        start = flow.start
        own: dict[str, compiled.Command | None] = {}
        for name, change in flow.always.items():
            if isinstance(change, str):
                own[name] = None
            else:
                ask, say = self.maybe(change.ask), self.maybe(change.say)
                own[name] = compiled.Command(ask, say, None, change.go or "")
        return compiled.Flow(
            name=flow.flow,
            title=self.text(flow.title or flow.flow.replace("_", " ")),
            version=flow.version,
            hash=self.source.hashes[flow.flow],
            kinds=" ".join(f"{name}:{slot.kind}" for name, slot in slots.items()),
            initial=initial,
            states=states,
            slots=slots,
            groups=groups,
            labels=self.labels(flow),
            fire=compile_machine(flow, initial),
            reread={slot: frozenset(by) for slot, by in reads.by.items()},
            given_to={slot: frozenset(by) for slot, by in reads.given.items()},
            commands=own,
            expires_after=flow.expires.after,
            expires_say=self.maybe(flow.expires.say),
            migrate={
                version: compiled.Migration(
                    dict(plan.states),
                    {old: None if new == "drop" else new for old, new in plan.slots.items()},
                )
                for version, plan in flow.migrate.items()
            },
            interrupts=start.during == "return",
            startable=bool(start.phrases or start.when or start.form or start.hint),
            depth=self.depth(flow),
            mixed=len({group.kind for group in groups}) < len(groups),
            own_words=frozenset(
                word
                for phrase in (*all_phrases(flow.title), *all_phrases(start.phrases))
                for word, _, _ in words(phrase)
            ),
        )

    def depth(self, flow: schema.FlowFile) -> int:
        """Count the frames a flow needs; the checker has refused circles of calls."""
        called = [
            self.source.flows[state.call.flow]
            for state in flow.states.values()
            if isinstance(state, schema.CallState)
        ]
        return 1 + max((self.depth(callee) for callee in called), default=0)

    def slot(self, name: str, slot: schema.Slot) -> compiled.Slot:
        """Compile a slot."""
        options = {one.id: self.text(one.label) for one in slot.options or ()}
        if slot.type == "choice" and slot.from_:
            options = {row["id"]: self.text(row["name"]) for row in self.source.catalogue}
        return compiled.Slot(
            name,
            slot.type,
            self.text(slot.label or name.replace("_", " ")),
            slot.optional,
            tuple(slot.default.split(".")) if slot.default else (),
            slot.at_least,  # type: ignore[arg-type] # the checker has compared it with the kind
            slot.at_most,  # type: ignore[arg-type] # likewise
            slot.length,
            self.maybe(slot.unclear),
            self.maybe(slot.invalid),
            options,
        )

    def slot_groups(self, flow: schema.FlowFile) -> tuple[compiled.Group, ...]:
        """Group the slots one reader serves, in the order in which readers take their part."""
        grouped: dict[tuple[Any, ...], list[str]] = {}
        for name, slot in flow.slots.items():
            own = name if slot.options else ""
            grouped.setdefault((slot.type, own, slot.from_, slot.want), []).append(name)
        groups = [
            self.group(key[0], flow.slots[names[0]], tuple(names)) for key, names in grouped.items()
        ]
        return tuple(sorted(groups, key=lambda group: group.reader.order))

    def group(self, kind: str, slot: schema.Slot, names: tuple[str, ...]) -> compiled.Group:
        """Prepare one reader: what it may know, per language and whether it is asked."""
        hearings: dict[tuple[str, bool], Hearing] = {}
        for language in self.languages:
            ordered = (language, *(other for other in self.languages if other != language))
            for asked in (False, True):
                hearings[language, asked] = Hearing(
                    languages=ordered,
                    region=self.bot.region,
                    asked=asked,
                    date_order="mdy" if self.bot.region in MONTH_FIRST else "dmy",
                    want=slot.want or "",
                    options=self.options(slot, ordered),
                    catalogue=self.catalogue if slot.from_ and kind == "items" else {},
                )
        source = f"{kind}.{slot.from_ or ''}"
        return compiled.Group(
            kind,
            self.readers[kind],
            names,
            frozenset(names),
            hearings,
            source,
            wants_now=kind == "date",
        )

    def options(
        self, slot: schema.Slot, languages: tuple[str, ...]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """List the options of a choice with the words that mean them, this language's label first."""
        if slot.from_ and slot.type == "choice":
            return tuple(
                (row["id"], (row["name"], *row["aliases"])) for row in self.source.catalogue
            )
        listed = []
        for one in slot.options or ():
            label = self.text(one.label)
            labels = [label[language].constant or one.id for language in languages]
            listed.append((one.id, tuple(dict.fromkeys([*labels, *all_phrases(one.words)]))))
        return tuple(listed)

    def labels(self, flow: schema.FlowFile) -> PhraseIndex[str]:
        """Index what customers call the slots: their labels, and the usual words of their kind."""
        usual: dict[str, list[str]] = {}
        for phrase, kind in phrases_by_value(self.languages, "labels").items():
            usual.setdefault(kind, []).append(phrase)
        kinds = [slot.type for slot in flow.slots.values()]
        listed: dict[str, list[str]] = {}
        for name, slot in flow.slots.items():
            own = [name.replace("_", " "), *all_phrases(slot.label)]
            if kinds.count(slot.type) == 1:
                own += usual.get(slot.type, [])
            listed[name] = own
        # "The time" is enough for "best time to call", where no other slot has a time.
        homes: dict[str, list[str]] = {}
        for name, phrases_of in listed.items():
            for word in {word for phrase in phrases_of for word, _, _ in words(phrase)}:
                homes.setdefault(word, []).append(name)
        for word, names in homes.items():
            if len(names) == 1 and len(word) > 3 and word not in self.plain_words:
                listed[names[0]].append(word)
        return PhraseIndex(listed)


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
