"""The goods of one clause, and which quantity counts which of them.

A quantity counts what stands behind it ("2 large remotes"), or what stands before it where a
list is pasted ("remote - 2") or it is marked ("remote x2").
"""

from __future__ import annotations

__all__ = ["PRODUCT", "Counting", "Goods", "Scene", "goods_in"]

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.readers.numerals import NOTHING, NUMBER, SIGN, WORD, Token
from engine.readers.order_lines import MEASURES, past_unit
from engine.readers.order_words import LONGEST_LINE, MONEY, MOST_DIGITS, OrderWords
from engine.readers.product_names import Named, ProductNames

# Goods are cut into halves and quarters; 14/220 is the number of a door.
MOST_PARTS = 64
# A private letter that nobody types stands for the words of a product.
PRODUCT = "\ue000"
# What may stand between a product and its quantity, as a dash or a colon does.
_LINKS = frozenset(["-", "\u2013", ":", "=", "*", "\u00d7", "(", ")", "#", "|"])


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same for all clauses of a message."""

    text: str
    known: OrderWords
    names: ProductNames
    languages: tuple[str, ...]
    asked: bool
    bulleted: bool  # "-3 remotes" is a line of a list


@dataclass(slots=True)
class Goods:
    """A product in a clause, and the quantity that counts it."""

    place: int
    named: Named
    number: Token | None = None
    value: int | float = 1.0
    unit: str | None = None
    reach: int = 0  # where the last word said about it ends
    odd: tuple[int, int] | None = None  # where a size the catalogue does not have is said


def goods_in(
    clause: list[Token], at: Mapping[int, Named], names: ProductNames, known: OrderWords
) -> tuple[list[Token], dict[int, Goods]]:
    """Find the goods of a clause by their places, and the clause with one token for each.

    What is said apart is one: "gas r32 4 cylinders", "3 fan motors, indoor".
    """
    said: list[Token] = []
    goods: dict[int, Goods] = {}
    last: Goods | None = None
    odd: tuple[int, int] | None = None  # a size was said right before that nothing has
    for token, behind in zip(clause, [*clause[1:], NOTHING], strict=True):
        if token.word != PRODUCT:
            odd = None
            # The "uno" of "cada uno" counts nothing.
            if not (token.kind is NUMBER and said and said[-1].word in known.each):
                said.append(token)
            continue
        named = at[token.start]
        between = said[last.place + 1 : last.place + 2 + LONGEST_LINE] if last else []
        if not named.products:
            odd = token.start, token.end
            if last is not None and _are_linked(between, known):
                last.odd, last.reach, odd = odd, token.end, None
            continue
        one = _one_of(last.named, named, between, known) if last else None
        if last is not None and behind.kind is not NUMBER:
            one = _turned_round(last.named, named, between, names) or one
        if last is not None and one is not None:
            last.named, last.reach = one, token.end
            if said[-1].word == ",":
                said.pop()  # what describes it is over: "PCB, inverter AC"
            continue
        last = Goods(len(said), named, odd=odd)
        goods[last.place] = last
        said.append(token)
    return said, goods


def _turned_round(
    one: Named, other: Named, between: list[Token], names: ProductNames
) -> Named | None:
    """Read a name as lists have it, "air filter, hepa": both sides of the comma make one name."""
    aside = bool(between) and all(token.word == "," for token in between)
    if not aside or not set(one.words).isdisjoint(other.words):
        return None
    products = names.named_by({*one.words, *other.words})
    return replace(one, products=products, whole=True, size=False) if products else None


def _one_of(one: Named, other: Named, between: list[Token], known: OrderWords) -> Named | None:
    """Put together what is said of one product in two places, if it fits the same product."""
    common = set(other.products)
    products = tuple(product for product in one.products if product in common)
    if not products or (one.whole and other.whole):
        return None
    numbers = [token for token in between if token.kind is NUMBER]
    aside = (
        one.whole and between and all(token.word == "," for token in between)
    )  # "fan blade, outdoor"
    says_more = aside or numbers or len(products) < len(one.products) or one.size or other.size
    if len(numbers) > 1 or not says_more or not _are_linked(between, known):
        return None
    # The place of the first stands for both.
    return replace(one, products=products, whole=True, size=one.size and other.size)


def _are_linked(between: list[Token], known: OrderWords) -> bool:
    """Tell whether nothing but a quantity, a unit or a sign stands between two words."""
    counted = any(token.kind is NUMBER for token in between)
    return len(between) <= LONGEST_LINE and all(
        token.kind is NUMBER
        or token.word in _LINKS
        or (token.word == "," and not counted)
        or token.word in known.units
        or token.word in known.times
        or token.word in known.of
        for token in between
    )


class Counting:
    """The quantities of one clause and the goods they count."""

    def __init__(self, scene: Scene, clause: list[Token], goods: dict[int, Goods]) -> None:
        """Take a clause with a token for each of its goods, which are known by their places."""
        self.scene = scene
        self.known = scene.known
        self.clause = clause
        self.goods = goods
        self.taken: set[int] = set()  # places of numbers that count goods

    def count(self) -> None:
        """Give each quantity to the goods it counts, then articles to what is left."""
        numbers = [place for place, token in enumerate(self.clause) if token.kind is NUMBER]
        places = list(self.goods)
        listed = bool(numbers) and places[0] < numbers[0] and places[-1] < numbers[-1]
        for place in numbers:
            marked = self._is_marked(place)
            behind = None if marked else self._behind(place)
            before = self._before(place, listed=listed)
            for goods in (before, behind) if listed or marked else (behind, before):
                if goods is not None and goods.number is None and self._counts(place):
                    self._give(goods, place)
                    break
        if len(self.taken) == 1 and any(token.word in self.known.each for token in self.clause):
            (one,) = (goods for goods in self.goods.values() if goods.number is not None)
            for goods in self.goods.values():
                if goods.number is None:
                    goods.number, goods.value, goods.unit = one.number, one.value, one.unit
        for goods in self.goods.values():
            if goods.number is None and not self._give_none(goods):
                self._give_article(goods)
        for place in (place for place in numbers if place not in self.taken):
            self._measure(place)

    def _measure(self, place: int) -> None:
        """Read "5 rolls of cable, each is 90 m" as 450 m."""
        before = next(
            (goods for goods in reversed(self.goods.values()) if goods.place < place), None
        )
        unit = past_unit(self.clause[place + 1 : place + 2], self.known)[0]
        if before is None or unit not in MEASURES or before.unit is None or before.unit in MEASURES:
            return
        between = self.clause[before.place + 1 : place]
        if not self.known.every.isdisjoint(token.word for token in between):
            before.value *= self.clause[place].value
            before.unit, before.reach = unit, self.clause[place + 1].end
            self.taken.add(place)

    def _give(self, goods: Goods, place: int) -> None:
        token = self.clause[place]
        unit, rest = past_unit(self.clause[place + 1 : place + 4], self.known)
        end = (
            place + 4 - len(rest) if place + 4 <= len(self.clause) else len(self.clause) - len(rest)
        )
        goods.number, goods.value, goods.unit = token, token.value, unit
        goods.reach = max(goods.reach, self.clause[end - 1].end if unit else token.end)
        self.taken.add(place)
        dashed = self.scene.text[max(0, token.start - 2) : token.start] in ("-", " -", "\n-")
        if dashed and place < goods.place and not self.scene.bulleted:
            goods.value = -token.value

    def _give_none(self, goods: Goods) -> bool:
        """Read "drain pump: none", the last word about it, as a zero."""
        last = self.clause[-1]
        if last.word not in self.known.none or len(self.clause) - goods.place > LONGEST_LINE:
            return False
        if any(token.word not in _LINKS for token in self.clause[goods.place + 1 : -1]):
            return False
        goods.number = Token(NUMBER, "0", last.start, last.end, 0.0, spelt=True)
        goods.value, goods.reach = 0.0, last.end
        return True

    def _give_article(self, goods: Goods) -> None:
        for place in range(goods.place - 1, max(-1, goods.place - 1 - LONGEST_LINE), -1):
            token = self.clause[place]
            if token.kind is not WORD or token.word == PRODUCT or token.word in self.known.joins:
                return
            if token.word in self.known.articles:
                goods.number = token
                goods.unit = past_unit(self.clause[place + 1 : place + 3], self.known)[0]
                return
            before = self.clause[place - 1].word if place else ""
            if token.word in self.known.inner and before not in self.known.articles:
                return

    def _is_marked(self, place: int) -> bool:
        """Tell "remote x2" from "2 remotes"."""
        token = self.clause[place]
        before = self.clause[place - 1].word if place else ""
        typed = self.scene.text[token.start : token.start + 1].casefold()
        marked = before in self.known.times or before in ("*", "\u00d7")
        return place > 0 and (marked or (typed in self.known.times and not token.spelt))

    def _behind(self, place: int) -> Goods | None:
        """Find the product that a number may count because it stands before it."""
        for ahead in range(place + 1, min(len(self.clause), place + 2 + LONGEST_LINE)):
            token = self.clause[ahead]
            if token.word == PRODUCT:
                return self.goods[ahead]
            if token.kind is NUMBER or (token.kind is SIGN and token.word not in _LINKS):
                return None
            begins = token.word in self.known.inner or token.word in self.known.articles
            if token.word in self.known.breaks:
                return None
            if token.word in self.known.joins or (begins and ahead > place + 1):
                return None
        return None

    def _before(self, place: int, *, listed: bool) -> Goods | None:
        """Find the product that a number may count because it stands behind it."""
        known = self.known
        closing = False  # "r32 again, 4 nos"
        for back in range(place - 1, max(-1, place - 2 - LONGEST_LINE), -1):
            token = self.clause[back]
            if token.word == PRODUCT:
                return self.goods[back]
            if token.word == "," and back == place - 1 and self._is_last_count(place):
                closing = True
                continue
            if token.kind is NUMBER or (token.kind is SIGN and token.word not in _LINKS):
                return None
            plain = token.word in known.units or token.word in known.times or token.word in known.of
            if token.word in known.joins or token.word in known.inner:
                return None
            plain = plain or (closing and token.word in self.scene.names.small)
            if token.kind is WORD and not (listed or plain or token.word in known.opening):
                return None
        return None

    def _is_last_count(self, place: int) -> bool:
        """Tell a quantity behind its goods and a comma: "stabiliser 5 kva, 20 pieces"."""
        behind = self.clause[place + 1] if place + 1 < len(self.clause) else NOTHING
        return behind.word in self.known.units and self._behind(place) is None

    def _counts(self, place: int) -> bool:
        """Tell whether a number can be a quantity; beside a product even a long one is."""
        token = self.clause[place]
        before = self.clause[place - 1] if place else NOTHING
        behind = self.clause[place + 1] if place + 1 < len(self.clause) else NOTHING
        if before.word in MONEY or behind.word in MONEY or behind.word in self.known.counted:
            return False
        if int(token.word.partition("/")[2] or 0) > MOST_PARTS:
            return False  # "Door 14/220" is an address
        if behind.glued and not (
            behind.word in self.known.units or behind.word in self.known.times
        ):
            return False
        if token.glued and not behind.glued:
            return False
        if token.spelt and token.value == 1 and before.word in self.known.pointing:
            return False
        return token.spelt or len(token.word) <= MOST_DIGITS or behind.word == PRODUCT
