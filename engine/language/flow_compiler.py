"""Flow files to compiled flows: slots, readers, labels, states and the machine of each."""

from __future__ import annotations

__all__ = ["MONTH_FIRST", "FlowCompiler", "Readers"]

from collections.abc import Mapping
from typing import Any

from engine.language import book as compiled
from engine.language import schema
from engine.language.compiler import (
    Reads,
    StateCompiler,
    all_phrases,
    compile_machine,
    compile_state,
)
from engine.language.slot import Group, Product, Slot
from engine.language.source import BotSource
from engine.language.source import Product as Row
from engine.language.wording import Text, compile_text, template_of
from engine.readers import Kind
from engine.readers.folding import words
from engine.readers.lexicon import phrases, phrases_by_value, word_set, words_in
from engine.readers.phrases import PhraseIndex
from engine.readers.reading import Hearing
from engine.readers.spoken import SMALL_WORDS

Readers = Mapping[str, Kind]
# Countries that write the month first; everywhere else the day comes first or the year does.
MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW"})


class FlowCompiler:
    """Compiles the flows of one bot; holds what every part of the bot is compiled with."""

    def __init__(self, source: BotSource, readers: Readers) -> None:
        self.source = source
        self.bot = source.bot
        self.languages = tuple(source.bot.languages)
        self.readers = readers
        self.polite = phrases(self.languages, "polite")
        self.greetings = word_set(self.languages, "greetings")
        self.plain_words = words_in(self.topics_of(SMALL_WORDS))
        # Cues and labels of values say nothing by themselves, either.
        labels = phrases_by_value(self.languages, "labels")
        cues = self.topics_of(("name_is", "name_was"))
        self.small_words = self.plain_words | words_in(cues) | words_in(labels)
        self.catalogue = {
            row["id"]: (row["name"], *row["names"].values(), *row["aliases"])
            for row in source.catalogue
        }
        self.products = {row["id"]: _product(row) for row in source.catalogue}

    def topics_of(self, topics: tuple[str, ...]) -> list[str]:
        """List the phrases of several topics in the bot's languages."""
        return [phrase for topic in topics for phrase in phrases(self.languages, topic)]

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
            hint=start.hint or "",
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

    def slot(self, name: str, slot: schema.Slot) -> Slot:
        """Compile a slot."""
        options = {one.id: self.text(one.label) for one in slot.options or ()}
        if slot.type == "choice" and slot.from_:
            options = {row["id"]: self.name(row) for row in self.source.catalogue}
        return Slot(
            name,
            slot.type,
            self.text(slot.label or name.replace("_", " ")),
            slot.optional,
            tuple(slot.default.split(".")) if slot.default else (),
            slot.at_least,
            slot.at_most,
            slot.length,
            self.maybe(slot.unclear),
            self.maybe(slot.invalid),
            options,
            self.products if slot.from_ else {},
            self.bot.currency or "",
        )

    def name(self, row: Row) -> Text:
        """Compile a product's name, in every language."""
        return {
            language: template_of(row["names"].get(language, row["name"]))
            for language in self.languages
        }

    def slot_groups(self, flow: schema.FlowFile) -> tuple[Group, ...]:
        """Group the slots one reader serves, in the order in which readers take their part."""
        grouped: dict[tuple[Any, ...], list[str]] = {}
        for name, slot in flow.slots.items():
            own = name if slot.options else ""
            grouped.setdefault((slot.type, own, slot.from_, slot.want), []).append(name)
        groups = [
            self.group(key[0], flow.slots[names[0]], tuple(names)) for key, names in grouped.items()
        ]
        return tuple(sorted(groups, key=lambda group: group.reader.order))

    def group(self, kind: str, slot: schema.Slot, names: tuple[str, ...]) -> Group:
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
                    catalogue=self.catalogue if slot.from_ else {},
                )
        source = f"{kind}.{slot.from_ or ''}"
        return Group(
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


def _product(row: Row) -> Product:
    first = [] if row["price"] is None else [(0, float(row["price"]))]
    return Product(
        row["id"],
        row["name"],
        row["names"],
        row["unit"],
        (*first, *[(least, float(each)) for least, each in row["tiers"]]),
        row["min"],
        row["pack"],
    )
