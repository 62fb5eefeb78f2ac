"""The lines of one clause of an order, read against a catalogue.

What is only a part of some names means goods where nothing unknown outweighs it: "fan motors" do,
the cheddar of "a roll with cheddar and ham" is no bag of cheddar chips.
"""

from __future__ import annotations

__all__ = ["ProductClause", "ProductLine"]

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from engine.readers.lexicon import word_set
from engine.readers.numerals import NOTHING, NUMBER, SIGN, WORD, Token
from engine.readers.order_lines import ENDS, OrderLine, lines_of, past_unit, trim
from engine.readers.order_words import LONGEST_LINE, is_quantity
from engine.readers.product_counts import PRODUCT, Counting, Goods, Scene, goods_in
from engine.readers.product_names import Named

# "two extra shots of espresso" go into something else.
_EXTRA = frozenset(["extra", "ekstra"])


@dataclass(slots=True)
class ProductLine:
    """One line found: the products it may mean, none of them where it names other goods."""

    quantity: int | float
    number: Token | None  # a number or an article; None for a product named alone
    unit: str | None
    products: tuple[int, ...]
    name: str
    start: int
    end: int
    said: OrderLine  # as it would be without a catalogue


class ProductClause:
    """One clause, with what is known of its products and numbers."""

    def __init__(
        self, scene: Scene, clause: list[Token], at: Mapping[int, Named], before: tuple[int, ...]
    ) -> None:
        """Take a clause in which a token stands for each product; `before` were named last."""
        self.scene = scene
        self.known = scene.known
        self.before = before
        self.clause, self.goods = goods_in(clause, at, scene.known)
        self.taken: set[int] = set()  # places of numbers that count goods
        self.refused: set[int] = set()  # places of words that mean no goods here
        self.inside: set[int] = set()  # places of numbers that count a part of a product

    def lines(self) -> list[ProductLine]:
        """Read the lines of this clause in the order in which they were said."""
        if not self.clause or self._asks():
            return []
        if not self.goods:
            return self._others()
        self._narrow()
        self._set_aside()
        counting = Counting(self.scene, self.clause, self.goods)
        counting.count()
        self.taken = counting.taken
        found = [line for goods in self.goods.values() for line in self._line(goods)]
        if self.scene.asked:
            found += self._others_beside()
        return sorted(found, key=lambda line: line.start)

    def _asks(self) -> bool:
        """Tell whether the clause asks for something to be told: "how much is a remote?"."""
        greetings = word_set(self.scene.languages, "greetings")
        for token in self.clause:
            if token.kind is SIGN or token.word in self.known.joins or token.word in greetings:
                continue
            return token.kind is WORD and token.word in self.known.asks
        return False

    def _narrow(self) -> None:
        """Understand a size alone by the product before it: "one of 1.5 ton and one of 2 ton"."""
        before = self.before
        for goods in self.goods.values():
            named = goods.named
            if named.size and len(before) == 1:
                products = self.scene.names.most_like(named.products, before[0])
                goods.named = named = replace(named, products=products)
            before = named.products

    def _set_aside(self) -> None:
        """Make words again of a part of a name that only describes the goods beside it."""
        named = [goods for goods in self.goods.values() if goods.named.whole]
        wholes = {goods.place for goods in named}
        for goods in [goods for goods in self.goods.values() if not goods.named.whole]:
            first, stop = self._around(goods.place)
            ahead = self.clause[first - 1].word if first else ""
            # "filters for split ac", "a roll with cheddar"
            inside = ahead in self.known.inner or ahead in self.known.for_whom
            after = bool(named) and named[0].place < goods.place
            if wholes & {first - 1, stop} or (inside and after):
                del self.goods[goods.place]
                start, end = goods.named.start, goods.named.end
                word = self.scene.text[start:end].casefold()
                self.clause[goods.place] = Token(WORD, word, start, end)

    def _line(self, goods: Goods) -> list[ProductLine]:
        if self._is_extra(goods):
            return []
        first, stop = goods.place, goods.place + 1
        products = goods.named.products
        counted = goods.number is not None and goods.number.kind is NUMBER
        if not goods.named.whole:
            first, stop = self._around(goods.place)
            odd = goods.odd if counted else None
            if odd or not self._fits(goods, goods.place - first, stop - goods.place - 1):
                self.refused.add(goods.place)
                if not (counted and self.scene.asked and (odd or len(products) > 1)):
                    return []
                products = ()
        if not self._is_order(goods):
            return []
        start, end = self._start(first), self._end(stop - 1)
        if not products and goods.odd:
            start, end = min(start, goods.odd[0]), max(end, goods.odd[1])
        name = " ".join(self.scene.text[start:end].split())
        number = goods.number or NOTHING
        if goods.number is not None and number.start < start:
            start = number.start - (goods.value < 0)
        said = OrderLine(goods.value, goods.unit, number, self.clause[first:stop])
        return [
            ProductLine(
                goods.value,
                goods.number,
                goods.unit,
                products,
                name,
                start,
                max(end, goods.reach),
                said,
            )
        ]

    def _start(self, place: int) -> int:
        goods = self.goods.get(place)
        return goods.named.start if goods else self.clause[place].start

    def _end(self, place: int) -> int:
        goods = self.goods.get(place)
        return goods.named.end if goods else self.clause[place].end

    def _is_unknown(self, place: int) -> bool:
        if not 0 <= place < len(self.clause):
            return False
        token = self.clause[place]
        return (
            token.kind is WORD
            and token.word != PRODUCT
            and token.word not in self.scene.names.small
        )

    def _is_extra(self, goods: Goods) -> bool:
        """Tell what goes into another product: "with an extra espresso shot"."""
        place = goods.place
        if not self.before and place == next(iter(self.goods)):
            return False
        back = [token.word for token in self.clause[max(0, place - 3) : place]]
        added = back[-1:] and back[-1] in _EXTRA and self._is_unknown(place + 1)
        parts = len(back) == 3 and back[0] in _EXTRA and back[2] in self.known.of
        return bool(added) or (parts and self._is_unknown(place - 2))

    def _around(self, place: int) -> tuple[int, int]:
        """Find the words around a part of a name that describe the same goods."""
        first, stop = place, place + 1
        while self._is_unknown(first - 1) and place - first < LONGEST_LINE:
            first -= 1
        while self._is_unknown(stop) and stop - place <= LONGEST_LINE:
            stop += 1
        return first, stop

    def _fits(self, goods: Goods, left: int, right: int) -> bool:
        """Tell whether a part of a name means goods here, and not a word that others use, too."""
        named = goods.named
        if left and right:
            return False
        if goods.number is None:
            return not (left or right) and not self._is_inside(goods.place)
        if len(named.products) == 1:
            return True
        return goods.number.kind is NUMBER and named.size_in_words > left + right

    def _is_inside(self, place: int) -> bool:
        """Tell whether something is said to be in or with what was named before."""
        for back in range(place - 1, max(-1, place - 1 - 2 * LONGEST_LINE), -1):
            token = self.clause[back]
            if token.kind is not WORD or (token.word == PRODUCT and back not in self.refused):
                return token.kind is NUMBER and back in self.inside
            if token.word in self.known.inner:
                return True
        return False

    def _is_order(self, goods: Goods) -> bool:
        """Tell an order from talk about a product."""
        known, place = self.known, goods.place
        behind = self._part(range(place + 1, place + 1 + 2 * LONGEST_LINE))
        described = takewhile(lambda word: word not in known.inner, behind)
        talk = known.no_order - known.polite
        if not self.scene.asked and any(word in talk for word in described):
            return False
        if goods.number is not None:
            return True
        first = self.clause[0].word
        end = self._end(len(self.clause) - 1)
        question = self.scene.text[end : end + 2].lstrip().startswith("?")
        if question and first not in known.questions:
            return False
        before = self._part(range(place - 1, place - 1 - 2 * LONGEST_LINE, -1))
        told = any(word in known.no_order for word in before[1:])
        told = told or any(word in talk for word in behind[:1])
        told = told or any(word in talk and word in known.asks for word in behind)
        refused = any(word in known.negations for word in before + behind[:1])
        return not (told or refused)

    def _part(self, places: range) -> list[str]:
        """Give the words from here on, up to the next sign, number or product."""
        found: list[str] = []
        for place in places:
            if not 0 <= place < len(self.clause) or self.clause[place].word == PRODUCT:
                break
            if self.clause[place].kind is not WORD:
                break
            found.append(self.clause[place].word)
        return found

    def _others(self) -> list[ProductLine]:
        """Read a clause that names no product as if there was no catalogue."""
        if not self.scene.asked:
            return []
        return [self._other(line) for line in lines_of(self.clause, self.known, asked=True)]

    def _others_beside(self) -> list[ProductLine]:
        """Read the goods the catalogue does not have beside those it has."""
        found = []
        for place, token in enumerate(self.clause):
            if token.kind is not NUMBER or place in self.taken:
                continue
            if self._is_inside(place):
                self.inside.add(place)
            elif is_quantity(self.clause, place, self.known, asked=True):
                unit, name = past_unit(
                    self._goods_words(range(place + 1, place + 2 + LONGEST_LINE)), self.known
                )
                name = trim(name, self.known, opening=False)
                if not name and not token.spelt:
                    words = self._goods_words(range(place - 1, place - 2 - LONGEST_LINE, -1))
                    name = trim(words[::-1], self.known)
                if name:
                    found.append(self._other(OrderLine(token.value, unit, token, name)))
        return found

    def _goods_words(self, places: range) -> list[Token]:
        found: list[Token] = []
        for place in places:
            token = self.clause[place] if 0 <= place < len(self.clause) else NOTHING
            if token.kind is NUMBER or token.word in (PRODUCT, "") or token.word in ENDS:
                break
            if token.word in self.known.articles:
                break
            found.append(token)
        return found

    def _other(self, line: OrderLine) -> ProductLine:
        start, end = line.name[0].start, line.name[-1].end
        name = " ".join(self.scene.text[start:end].split())
        return ProductLine(
            line.quantity, line.number, line.unit, (), name,
            min(start, line.number.start), max(end, line.number.end), line,
        )  # fmt: skip
