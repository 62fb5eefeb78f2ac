"""Random bots that are right: whatever an author may write, wired so that the checker accepts it.

A flow is a chain of states. Branches, misses, refusals and hand-overs lead forward or to an end, a
choice may lead back; so everything is reached, everything ends, and what is known in each state
can be worked out while the chain is built.
"""

from __future__ import annotations

__all__ = ["ANSWERS", "NOISE", "RandomBot", "features", "random_bots"]

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

Item = TypeVar("Item")
Known = frozenset[str]

KINDS = (
    "text",
    "number",
    "choice",
    "yes_no",
    "email",
    "phone",
    "person_name",
    "items",
    "date",
    "money",
    "order_ref",
)
# What a customer says to fill a slot of each kind.
ANSWERS: dict[str, tuple[str, ...]] = {
    "text": ("near the old mill", "bring a ladder, the roof is high", "azul"),
    "number": ("3", "12", "seven", "it is 40"),
    "choice": ("Tall", "Short", "tall one please", "Fan", "2", "short or tall"),
    "yes_no": ("yes", "no", "sure", "no thanks"),
    "email": ("ana@example.com", "my email is bo@shop.example", "email: c.d@e.fr"),
    "phone": ("8848850922", "+34 612 345 678", "call me on 081234567"),
    "person_name": ("Hari Kumar", "my name is Ana", "I am Juan Pérez"),
    "items": ("11 remote controls", "2 fans and 3 filters", "a dozen belts", "5 fan"),
    "date": ("tomorrow at 5pm", "2026-02-01", "17:30", "next friday", "in two hours"),
    "money": ("500 rupees", "$20", "1,200.50", "20 or 30 euros"),
    "order_ref": ("A-1001", "order ORD-2231", "#5512"),
}
NOISE = (
    "",
    "   ",
    "cancel",
    "back",
    "restart",
    "person",
    "help",
    "question",
    "language",
    "español",
    "english",
    "skip",
    "no",
    "yes",
    "the second one",
    "2",
    "continue",
    "leave",
    "hello",
    "thanks!",
    "where are you?",
    "do you deliver",
    "dónde están",
    "Hari, 8848850922, where are you?",
    "Ana Gómez, ana@example.com, 8848850922, 3 fans",
    "no, change the email",
    "actually my name is Juan",
    "sorry, the number is 9",
    "change it to 7",
    "no wait, 5 fans",
    "it should be other@example.com",
    "\U0001f44d",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467\U0001f1ee\U0001f1f3",
    "\x00\x07\x1b[31mred\r\n",
    "\u202eesrever\u2066\u2069",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643",
    "\ud800\udfff",
    "z\u0335\u0321" * 40,
    "{missing} {bot.title} %s \\n",
    "99999999999999999999999999",
    "-1",
    "0",
    "1e309",
    "null",
    "blah blah " * 30,
)
LONG = ("long " * 1_000, "7" * 5_000, "a@" * 2_500)

# A guard key with values that fit a kind; several are put together below.
TESTS: dict[str, tuple[dict[str, Any], ...]] = {
    "text": ({"is": "azul"}, {"in": ["azul", "rojo"]}),
    "number": ({"at_least": 5}, {"at_most": 10}, {"is": 3}, {"at_least": 2, "at_most": 20}),
    "choice": ({"is": "tall"}, {"in": ["tall", "short"]}),
    "yes_no": ({"is": "yes"}, {"in": ["no"]}),
    "email": ({"is": "ana@example.com"},),
    "phone": ({"in": ["+918848850922"]}, {"begins": "+9188"}),
    "person_name": ({"is": "Ana"},),
    "items": (
        {"total_at_least": 5},
        {"at_least": 2},
        {"at_most": 10},
        {"total_at_least": 3, "at_most": 99},
    ),
    "date": ({"at_least": "2026-01-06"}, {"at_most": "2026-12-31"}, {"is": "2026-02-01"}),
    "money": ({"at_least": 100}, {"at_most": 1000}),
    "order_ref": ({"is": "A-1001"},),
}


@dataclass(slots=True)
class RandomBot:
    """One generated bot, as an author would write its files."""

    bot: dict[str, Any]
    flows: list[dict[str, Any]]
    faq: list[dict[str, Any]]
    catalogue: str

    @property
    def phrases(self) -> list[str]:
        """What starts its flows."""
        return [
            phrase
            for flow in self.flows
            for phrase in flow_phrases(flow.get("start", {}).get("phrases", []))
        ]


def flow_phrases(phrases: Any) -> list[str]:
    """List phrases of all languages."""
    if isinstance(phrases, dict):
        return [one for listed in phrases.values() for one in listed]
    return list(phrases)


class Dice:
    """Draws, in few words."""

    def __init__(self, draw: Any) -> None:
        """Draw from hypothesis, so that a failing bot shrinks."""
        self.draw = draw

    def below(self, count: int) -> int:
        """Draw a number from 0 to count - 1."""
        return int(self.draw(st.integers(0, count - 1)))

    def one_in(self, count: int) -> bool:
        """Draw whether something happens; shrinks to not."""
        return self.below(count) == count - 1

    def pick(self, among: Sequence[Item]) -> Item:
        """Draw one of these."""
        return among[self.below(len(among))]

    def some(self, among: Sequence[Item], least: int, most: int) -> list[Item]:
        """Draw several different ones, in order."""
        left = list(among)
        wanted = min(least + self.below(most - least + 1), len(left))
        while len(left) > wanted:
            del left[self.below(len(left))]
        return left


@dataclass(slots=True)
class Maker:
    """Writes one flow."""

    dice: Dice
    name: str
    languages: list[str]
    callees: list[dict[str, Any]]
    facts: bool
    catalogue: bool
    slots: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    arriving: dict[str, list[Known]] = field(default_factory=dict)
    collected: list[str] = field(default_factory=list)
    ends: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)  # slots that only a caller or an action fills
    shown: set[str] = field(default_factory=set)

    # -- words ----------------------------------------------------------------------------------

    def text(self, said: str) -> Any:
        """Say something in every language of the bot."""
        if len(self.languages) == 1:
            return said
        return {language: f"{said} [{language}]" for language in self.languages}

    def label(self, said: str, number: int) -> Any:
        """Name a choice."""
        if len(self.languages) == 1:
            return f"{said} {number}"
        return {language: f"{said} {number} {language}" for language in self.languages}

    def showing(self, words: str, known: Known) -> Any:
        """Say something that shows what is known, and what the bot says of itself."""
        names = self.dice.some([name for name in sorted(known) if name in self.slots], 0, 3)
        self.shown.update(names)
        parts = [words, *(f"{{{name}}}" for name in names)]
        if self.facts and self.dice.one_in(4):
            parts.append("{bot.pickup}")
        return self.text((" " if self.dice.one_in(2) else "\n").join(parts))

    # -- slots ----------------------------------------------------------------------------------

    def new_slot(self, kind: str | None = None) -> str:
        """Declare a slot."""
        dice = self.dice
        kind = kind or dice.pick(KINDS)
        name = f"{kind}_{len(self.slots) + 1}"
        slot = {"type": kind, **self.limits(kind)}
        if dice.one_in(3):
            slot["label"] = self.text(f"the {kind.replace('_', ' ')}")
        if dice.one_in(5):
            slot["unclear"] = self.text("Is it {candidates}?")
        if dice.one_in(5):
            slot["invalid"] = self.text("{value} will not do for {label}.")
        self.slots[name] = slot
        return name

    def limits(self, kind: str) -> dict[str, Any]:
        """Say what may fill a slot of this kind."""
        dice = self.dice
        slot: dict[str, Any] = {}
        if kind == "choice":
            if self.catalogue and dice.one_in(3):
                slot["from"] = "catalogue"
            else:
                slot["options"] = [
                    {"id": "tall", "label": self.text("Tall"), "words": ["tall one", "high"]},
                    {"id": "short", "label": self.text("Short")},
                ]
        if kind == "items" and self.catalogue and dice.one_in(2):
            slot["from"] = "catalogue"
        if kind in {"items", "number", "money"} and dice.one_in(3):
            slot["at_least"], slot["at_most"] = 2, 50
        if kind == "date":
            slot["want"] = dice.pick(("date", "time", "datetime"))
            if slot["want"] == "date" and dice.one_in(3):
                slot["at_least"] = "2026-01-05"
        if kind == "text" and dice.one_in(2):
            slot["length"] = "2..40"
        return slot

    # -- conditions -----------------------------------------------------------------------------

    def guard(self, name: str, *, known: bool) -> Any:
        """Write a condition on one slot that fits it."""
        dice = self.dice
        slot = self.slots[name]
        plain = ("known", {"known": True}, {"known": False}, {"not": {"known": True}})
        tests = TESTS[slot["type"]]
        fits = slot.get("want", "date") == "date" and slot.get("from") is None
        if slot["type"] == "items":
            fits = True
        if not fits or dice.one_in(4):
            return dice.pick(plain)
        test = dict(dice.pick(tests))
        if dice.one_in(4):
            return {"not": test, "known": True} if not known else {"not": test}
        return test if known else {"known": True, **test}

    def when(self, known: Known) -> Any:
        """Write a condition: one map, or a list of them, each on one slot or two."""
        names = sorted(self.slots)
        maps = []
        for _ in range(1 + self.dice.below(2)):
            chosen = self.dice.some(names, 1, 2)
            maps.append({name: self.guard(name, known=name in known) for name in chosen})
        return maps if len(maps) > 1 or self.dice.one_in(3) else maps[0]

    def way(self, place: int, count: int, known: Known) -> Any:
        """Lead on: straight, or by branches that may skip a state or go to an end."""
        onward = self.lead(place + 1, count, known)
        if not self.slots or not self.dice.one_in(2):
            return onward
        branches = []
        for _ in range(1 + self.dice.below(2)):
            aside = self.dice.pick(("skip", "end", "person", "on"))
            if aside == "skip":
                target = self.lead(place + 2, count, known)
            else:
                target = self.aside(aside) if aside != "on" else onward
            branches.append({"when": self.when(known), "go": target})
        return [*branches, {"else": onward}]

    def lead(self, place: int, count: int, known: Known) -> str:
        """Name the state at this place of the chain and note what is known on the way to it."""
        name = f"s{place}" if place < count else "finished"
        self.arriving.setdefault(name, []).append(known)
        return name

    def aside(self, kind: str) -> str:
        """Name an end off the chain."""
        name = {"end": "dropped", "person": "person"}[kind]
        self.ends.add(name)
        return name

    # -- states ---------------------------------------------------------------------------------

    def write(self, kinds: Sequence[str]) -> dict[str, Any]:
        """Write the states of the chain, then its ends."""
        known_at_start: Known = frozenset()
        self.arriving["s0"] = [known_at_start]
        count = len(kinds)
        for place, kind in enumerate(kinds):
            name = f"s{place}"
            if name not in self.arriving:
                continue
            known = frozenset.intersection(*self.arriving[name])
            self.states[name] = getattr(self, f"_{kind}")(place, count, known)
        known = frozenset.intersection(*self.arriving["finished"])
        self.states["finished"] = {"end": "completed", "say": self.showing("Done.", known)}
        self._ends()
        return self._whole()

    def _ends(self) -> None:
        dice = self.dice
        if "person" in self.ends:
            state: dict[str, Any] = {"hand_over": "sales"}
            if dice.one_in(2):
                state["say"] = self.text("A colleague comes.")
            if dice.one_in(2):
                state["nobody_after"] = {"15m": "dropped"}
                self.ends.add("dropped")
            self.states["person"] = state
        if "dropped" in self.ends:
            self.states["dropped"] = {"end": "cancelled"}
            if dice.one_in(2):
                self.states["dropped"]["say"] = self.text("Dropped.")

    def _asking(self) -> dict[str, Any]:
        dice = self.dice
        state: dict[str, Any] = {}
        if dice.one_in(3):
            state["reask"] = [self.text("Again, please."), self.text("Once more.")]
        if dice.one_in(3):
            state["after_misses"] = {2 + dice.below(2): self.aside(dice.pick(("end", "person")))}
        if dice.one_in(3):
            state["nudge"] = {"after": "10m", "say": self.text("Still there?")}
        return state

    def _collect(self, place: int, count: int, known: Known) -> dict[str, Any]:
        dice = self.dice
        old = [name for name in self.collected if name not in known]
        names = [self.new_slot() for _ in range(1 + dice.below(3))]
        if old and dice.one_in(4):
            names.append(dice.pick(old))
        self.collected += [name for name in names if name not in self.collected]
        for name in names:
            if len(names) > 1 and dice.one_in(5) and name not in self.outside:
                self.slots[name]["optional"] = True
        state: dict[str, Any] = {
            "collect": names,
            "ask": self.text("Please give me {missing}."),
            **self._asking(),
        }
        if dice.one_in(3):
            state["more"] = self.text("I still need {missing}.")
        if "nudge" in state and dice.one_in(2):
            state["nudge"]["say"] = self.text("I only need {missing}.")
        after = known | {name for name in names if not self.slots[name].get("optional")}
        state["then"] = self.way(place, count, after)
        return state

    def _choices(self, place: int, count: int, known: Known) -> dict[str, Any]:
        dice = self.dice
        choices: list[dict[str, Any]] = [
            {"id": "go_on", "label": self.label("Go", 1), "go": self.way(place, count, known)}
        ]
        if dice.one_in(2):
            choices[0]["means"] = "yes"
        if dice.one_in(2):
            choices[0]["words"] = ["let us go on"]
        if dice.one_in(2):
            target = self.aside(dice.pick(("end", "person")))
            choices.append(
                {"id": "drop", "label": self.label("Drop", 2), "means": "no", "go": target}
            )
        if dice.one_in(2):
            change = {"id": "change", "label": self.label("Change", 3), "means": "change"}
            if dice.one_in(2):
                change["ask"] = self.text("Change what?")
            choices.append(change)
        if dice.one_in(3):
            means = dice.pick(("back", "cancel"))
            choices.append({"id": "out", "label": self.label("Out", 4), "means": means})
        back = [name for name in self.states if "collect" in self.states[name]]
        if back and dice.one_in(2):
            choices.append({"id": "again", "label": self.label("Again", 5), "go": dice.pick(back)})
        return {"say": self.showing("Which way?", known), "choices": choices, **self._asking()}

    def _say(self, place: int, count: int, known: Known) -> dict[str, Any]:
        return {"say": self.showing("By the way.", known), "then": self.way(place, count, known)}

    def _do(self, place: int, count: int, known: Known) -> dict[str, Any]:
        dice = self.dice
        given = dice.some([name for name in sorted(known) if name in self.slots], 0, 2)
        state: dict[str, Any] = {"do": "work", "failed": self.aside(dice.pick(("end", "person")))}
        if given:
            state["with"] = given if dice.one_in(2) else {f"a_{name}": name for name in given}
        saves = dice.pick(("none", "whole", "fields"))
        after = known
        if saves == "whole":
            state["saves"] = f"result_{place}"
        elif saves == "fields":
            slot = self.new_slot(dice.pick(("text", "order_ref")))
            self.outside.add(slot)
            state["saves"] = {slot: "number"}
            after = known | {slot}
        if dice.one_in(2):
            state["say"] = self.text("Working ...")
        if dice.one_in(3):
            state["attempts"] = 1
        state["done"] = self.way(place, count, after)
        return state

    def _call(self, place: int, count: int, known: Known) -> dict[str, Any]:
        dice = self.dice
        callee = dice.pick(self.callees)
        call: dict[str, Any] = {"flow": callee["flow"]}
        theirs = callee["slots"]
        gives = {}
        for slot in sorted(theirs):
            same = [
                ours
                for ours in sorted(known)
                if ours in self.slots and alike(self.slots[ours], theirs[slot])
            ]
            if same and dice.one_in(2):
                gives[slot] = dice.pick(same)
        if gives:
            call["with"] = gives
        saves = {}
        for slot in sorted(theirs):
            if theirs[slot]["type"] in {"email", "phone", "text", "items"} and dice.one_in(2):
                ours = self.new_slot(theirs[slot]["type"])
                self.slots[ours] = {"type": theirs[slot]["type"]}
                self.outside.add(ours)
                saves[ours] = slot
        if saves:
            call["saves"] = saves
        if dice.one_in(2):
            call["cancelled"] = self.aside(dice.pick(("end", "person")))
        call["then"] = self.way(place, count, known)
        return {"call": call}

    # -- the file -------------------------------------------------------------------------------

    def _whole(self) -> dict[str, Any]:
        dice = self.dice
        flow: dict[str, Any] = {"flow": self.name, "slots": self.slots, "states": self.states}
        if dice.one_in(2):
            flow["title"] = self.name.replace("_", " ").title()
        if dice.one_in(3):
            flow["expires"] = {"after": dice.pick(("20m", "2h", "24h"))}
            if dice.one_in(2):
                flow["expires"]["say"] = self.text("Put aside.")
        if dice.one_in(4):
            flow["version"] = 2
            slots = {"old_one": "drop"}
            if self.slots:
                slots["old_two"] = next(iter(self.slots))
            flow["migrate"] = {1: {"states": {"old_place": "s0"}, "slots": slots}}
        always = self._commands()
        if always:
            flow["always"] = always
        self._defaults()
        return flow

    def _commands(self) -> dict[str, Any]:
        """Change some of the commands that work everywhere."""
        dice = self.dice
        always: dict[str, Any] = {}
        if dice.one_in(6):
            always["restart"] = "off"
        if dice.one_in(6):
            always["cancel"] = {"ask": self.text("Really stop {flow}?"), "say": self.text("Out.")}
        if dice.one_in(6):
            always["help"] = {"say": self.text("Just answer.")}
        if dice.one_in(8) and any(
            "collect" in one or "choices" in one for one in self.states.values()
        ):
            always["back"] = {"go": "s0"}
        return always

    def _defaults(self) -> None:
        """Give defaults where a state that the flow still goes on from shows the slot."""
        for name, slot in self.slots.items():
            field_of = {"email": "email", "phone": "phone", "person_name": "name"}
            wanted = field_of.get(slot["type"])
            if wanted and not slot.get("optional") and self._is_shown(name) and self.dice.one_in(2):
                slot["default"] = f"contact.{wanted}"

    def _is_shown(self, name: str) -> bool:
        for state in self.states.values():
            said = state.get("say")
            if said is not None and "end" not in state:
                texts = said.values() if isinstance(said, dict) else [said]
                if all(f"{{{name}}}" in text for text in texts):
                    return True
        return False


def alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Tell whether a value of one slot is a value of the other."""
    return all(one.get(key) == other.get(key) for key in ("type", "want", "from"))


WORDS = ("alpha", "bravo", "charly", "delta", "echo")
PHRASES = {
    "en": ("begin the {} thing", "{} please start", "wanting {}"),
    "es": ("empezar lo de {}", "quiero {} ahora"),
}
CATALOGUE = (
    "id,name,aliases,price,unit,min\n"
    "fan,Fan,fans|ventilator,20.5,,1\n"
    "fan_big,Big Fan,large fan,40,,1\n"
    "filter,Filter,filters,5,box,2\n"
)


@st.composite
def random_bots(draw: Any, *, misses: bool = True) -> RandomBot:
    """Draw a bot; with `misses` off no flow gives up on a customer."""
    dice = Dice(draw)
    languages = ["en", "es"] if dice.one_in(2) else ["en"]
    catalogue = CATALOGUE if dice.one_in(2) else ""
    bot: dict[str, Any] = {
        "bot": "random",
        "languages": languages,
        "region": "IN",
        "timezone": "Asia/Kolkata",
        "hand_over": {"sales": {"nobody_after": "30m"} if dice.one_in(2) else {}},
    }
    plain = Maker(dice, "", languages, [], facts=False, catalogue=False)
    if dice.one_in(2):
        bot["facts"] = {"pickup": "Old Mill Road"}
    _rules(dice, bot, plain)
    count = 1 + dice.below(4)
    flows: list[dict[str, Any]] = []
    depth: dict[str, int] = {}
    called: set[str] = set()
    for number in reversed(range(count)):
        name = f"{WORDS[number]}_flow"
        # A flow calls flows written before it here, three frames deep at most.
        callees = [flow for flow in flows if depth[flow["flow"]] < 3]
        kinds = ["collect", "choices", "say", "do", *(["call", "call"] if callees else [])]
        chain = [dice.pick(kinds) for _ in range(1 + dice.below(5))]
        maker = Maker(dice, name, languages, callees, "facts" in bot, bool(catalogue))
        flow = maker.write(chain)
        if not misses:
            for state in flow["states"].values():
                state.pop("after_misses", None)
            _prune(flow)
        calls = [one["call"]["flow"] for one in flow["states"].values() if "call" in one]
        called.update(calls)
        depth[name] = 1 + max((depth[one] for one in calls), default=0)
        flows.insert(0, flow)
    for flow in flows:
        _start(dice, flow, bot, called, deepest=depth[flow["flow"]])
    bot["flows"] = [flow["flow"] for flow in flows]
    return RandomBot(bot, flows, _faq(dice, plain), catalogue)


def _prune(flow: dict[str, Any]) -> None:
    """Remove the ends that nothing leads to any more."""
    while True:
        text = repr({**flow["states"], "always": flow.get("always", {})})
        waits = any("collect" in one or "choices" in one for one in flow["states"].values())
        gone = [
            name
            for name in ("person", "dropped")
            if name in flow["states"]
            and f"'{name}'" not in text.replace(f"'{name}': {{", "", 1)
            and not (name == "person" and waits)
        ]
        if not gone:
            return
        for name in gone:
            del flow["states"][name]


def _rules(dice: Dice, bot: dict[str, Any], words: Maker) -> None:
    session: dict[str, Any] = {}
    if dice.one_in(3):
        session["idle"] = dice.pick(("30m", "3h"))
        session["in_flow"] = dice.pick(("keep", "end"))
    if dice.one_in(2):
        bot["welcome"] = words.text("Hello! I can do {flows}.")
        if dice.one_in(2):
            session["welcome"] = "always"
    if session:
        bot["session"] = session
    if dice.one_in(2):
        bot["assistant"] = {"use": "gemini", "per_session": 1 + dice.below(3)}
        if dice.one_in(2):
            bot["assistant"]["fallback"] = words.text("I cannot say.")
    _desk_rules(dice, bot, words)


def _desk_rules(dice: Dice, bot: dict[str, Any], words: Maker) -> None:
    if dice.one_in(3):
        bot["hours"] = {"mon-fri": "09:00-18:00", "closed": words.text("Closed until {opens}.")}
    if dice.one_in(3):
        bot["manual"] = {"return_after": "2h"}
    if dice.one_in(4):
        bot["texts"] = {"corrected": words.text("Changed {label} to {value}.")}
    if dice.one_in(3):
        events = ["flow.completed", "hand_over.requested", "session.opened", "session.ended"]
        bot["webhooks"] = [{"to": "env:HOOK", "secret": "env:KEY", "events": events}]


def _start(
    dice: Dice, flow: dict[str, Any], bot: dict[str, Any], called: set[str], *, deepest: int
) -> None:
    """Say how a flow begins; one that is called may be left without."""
    name = flow["flow"]
    word = name.partition("_")[0]
    if name in called and dice.one_in(2):
        return
    start: dict[str, Any] = {"at": "s0"} if dice.one_in(2) else {}
    languages = bot["languages"]
    if len(languages) == 1 or dice.one_in(2):
        start["phrases"] = [phrase.format(word) for phrase in PHRASES["en"]]
    else:
        start["phrases"] = {
            language: [phrase.format(word) for phrase in PHRASES[language]]
            for language in languages
        }
    if deepest == 1 and dice.one_in(3):
        start["during"] = "return"
    items = [one for one in flow["slots"] if flow["slots"][one]["type"] == "items"]
    emails = [one for one in flow["slots"] if flow["slots"][one]["type"] == "email"]
    if items and dice.one_in(2):
        start["when"] = {items[0]: {"total_at_least": 10}}
    elif emails and dice.one_in(3):
        start["when"] = {emails[0]: "known"}
    if dice.one_in(3):
        start["hint"] = f"The customer wants {word}."
    if dice.one_in(4):
        form = f"{word}_form"
        fields = {"caller_phone": "phone", "caller_name": "person_name"}
        greet: dict[str, Any] = {"template": "hello", "with": ["caller_name"]}
        bot.setdefault("forms", {})[form] = {
            "fields": fields,
            "address": "caller_phone",
            "greet": greet,
        }
        start["form"] = form
    flow["start"] = start


def _faq(dice: Dice, words: Maker) -> list[dict[str, Any]]:
    asks: list[tuple[str, list[str], list[str]]] = [
        ("place", ["where are you", "your address"], ["dónde están"]),
        ("delivery", ["do you deliver"], ["hacen envíos"]),
        ("thanks", ["thanks", "thank you"], ["gracias"]),
    ]
    found = []
    for name, english, spanish in asks:
        if dice.one_in(2):
            ask: Any = english
            if len(words.languages) > 1:
                ask = {"en": english, "es": spanish}
            found.append({"id": name, "ask": ask, "say": words.text(f"About {name}.")})
    return found


# -- what was generated ------------------------------------------------------------------------------


def features(bot: RandomBot) -> Iterator[str]:
    """Name what this bot has, for the count that nothing is left out."""
    for language in bot.bot["languages"]:
        yield f"language {language}"
    for flow in bot.flows:
        yield from (f"{key} of a flow" for key in ("migrate", "expires", "always") if key in flow)
        start = flow.get("start", {})
        yield from (f"start {key}" for key in start)
        if start.get("during") == "return":
            yield "during return"
        for slot in flow["slots"].values():
            yield f"slot {slot['type']}"
            yield from (f"slot key {key}" for key in slot if key != "type")
        for state in flow["states"].values():
            yield f"state {kind_of(state)}"
            yield from (f"{key} of a state" for key in state)
            yield from (f"guard {key}" for key in guard_keys(state))
            yield from (f"call {key}" for key in state.get("call", ()))


def kind_of(state: dict[str, Any]) -> str:
    """Name a state's kind."""
    if "say" in state and "then" in state:
        return "say"
    kinds = ("collect", "choices", "do", "call", "hand_over", "end")
    return next(kind for kind in kinds if kind in state)


def ways_of(state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """List a state's ways on with the trigger that takes them."""
    if "then" in state:
        yield "then", state["then"]
    if "done" in state:
        yield "done", state["done"]
    if "call" in state:
        yield "returned", state["call"]["then"]
    for choice in state.get("choices", ()):
        if "go" in choice:
            yield f"chose_{choice['id']}", choice["go"]


def guard_keys(state: dict[str, Any], trigger: str = "") -> Iterator[str]:
    """Name the keys of all conditions of a state, or of those on one way."""
    for name, way in ways_of(state):
        if isinstance(way, list) and trigger in {"", name}:
            if any("else" in branch for branch in way):
                yield "else"
            for branch in way:
                when = branch.get("when", [])
                if isinstance(when, list) and when:
                    yield "or"
                for one in when if isinstance(when, list) else [when]:
                    if len(one) > 1:
                        yield "and"
                    for guard in one.values():
                        yield from _keys(guard)


def _keys(guard: Any) -> Iterator[str]:
    if isinstance(guard, str):
        yield guard
        return
    if len(guard) > 1:
        yield "several keys"
    for key, value in guard.items():
        yield key
        if key == "not":
            yield from _keys(value)


Count = Counter[str]
