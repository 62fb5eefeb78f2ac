"""The lines of one clause of an order, read against a catalogue.

What is only a part of some names means goods where nothing unknown outweighs it: "fan motors" do,
the cheddar of "a roll with cheddar and ham" is no bag of cheddar chips.
"""

from __future__ import annotations

__all__ = ["ProductClause", "ProductLine"]

from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from engine.readers.folding import singular, words
from engine.readers.numerals import NOTHING, NUMBER, WORD, Token
from engine.readers.order_lines import OrderLine, lines_of, past_unit, trim
from engine.readers.order_words import LONGEST_LINE, MOST_DIGITS, is_price, is_quantity
from engine.readers.product_clause import Clause
from engine.readers.product_counts import Counting, Goods
from engine.readers.product_names import ALIKE_SHORT_WORD


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
    guessed: bool = False  # its one product is only like the word that was typed
    head: str = ""  # of several words the one that says what the goods are
    row: int = 0  # which line of the order it is, as a person counts


class ProductClause(Clause):
    """One clause, with what is known of its products and numbers."""

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

    def _narrow(self) -> None:
        """Understand a size alone by the product before it: "one of 1.5 ton and one of 2 ton"."""
        for one, other in pairwise(list(self.goods.values())):
            common = tuple(
                one_of for one_of in one.named.products if one_of in other.named.products
            )
            if 0 < len(common) < len(one.named.products) and self._says_which(one, other):
                one.named = replace(one.named, products=common)
                self._make_words(other)
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
                self._make_words(goods)

    def _make_words(self, goods: Goods) -> None:
        del self.goods[goods.place]
        start, end = goods.named.start, goods.named.end
        word = self.scene.text[start:end].casefold()
        self.clause[goods.place] = Token(WORD, word, start, end)

    def _says_which(self, one: Goods, other: Goods) -> bool:
        """Tell whether what stands behind goods says for what they are: "motors for outdoor units"."""
        between = [token.word for token in self.clause[one.place + 1 : other.place]]
        leads = self.known.for_whom.keys() | self.known.of | self.known.describes
        return not other.named.whole and len(between) == 1 and between[0] in leads

    def _line(self, goods: Goods) -> list[ProductLine]:
        if self._is_extra(goods) or self._is_said(goods):
            return []
        counted = goods.number is not None and goods.number.kind is NUMBER
        meant = self._meant(goods, counted=counted)
        if meant is None:
            return []
        first, stop, products, head = meant
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
                self._is_guessed(goods, counted=counted),
                self._typed(head) if head in self.goods else "",
            )
        ]

    def _meant(
        self, goods: Goods, *, counted: bool
    ) -> tuple[int, int, tuple[int, ...], int | None] | None:
        """Find the places of the words that say what is meant, the products, and other goods' head."""
        first, stop = goods.place, goods.place + 1
        head = self._head(goods.place) if counted else None
        if head is not None:
            first, stop = self._around(goods.place)
            first, stop = min(first, head), max(stop, head + 1)
            self.refused.update(range(first, stop))
            return (first, stop, (), head) if self.scene.asked else None
        if goods.named.whole:
            return first, stop, goods.named.products, None
        first, stop = self._around(goods.place)
        odd = goods.odd if counted else None
        if not odd and self._fits(goods, goods.place - first, stop - goods.place - 1):
            return first, stop, goods.named.products, None
        self.refused.add(goods.place)
        several = odd or len(goods.named.products) > 1
        return (first, stop, (), None) if counted and self.scene.asked and several else None

    def _is_said(self, goods: Goods) -> bool:
        """Tell words that belong to goods before them, or only look like a product in talk."""
        if goods.place in self.refused:
            return True  # "gas valves"
        return not (goods.named.sure or goods.number or self._is_alone(goods.place))

    def _is_guessed(self, goods: Goods, *, counted: bool) -> bool:
        """Tell whether a product must be asked about, not taken: unasked, "10 drivers" may be any."""
        alike = len(goods.named.products) == 1 and not (goods.named.sure or self.scene.asked)
        return alike or (counted and self._is_of_another(goods))

    def _is_alone(self, place: int) -> bool:
        """Tell whether a clause says nothing else: "drier?", but not "my driver will come"."""
        if not self.scene.asked or len(self.clause) > LONGEST_LINE:
            return False
        others = [one for one in range(len(self.clause)) if one != place]
        inner = any(self.clause[other].word in self.known.inner for other in others)
        likely = self.goods[place].named.alike >= ALIKE_SHORT_WORD
        return likely and not inner and not any(map(self._is_unknown, others))

    def _head(self, place: int) -> int | None:
        """Find the goods of which the product only says what for, as in "25 remote covers".

        The plural stands at the goods: "25 remotes white" are remotes, "25 covers for remotes" not.
        """
        goods, behind = self.goods[place], place + 1
        said = words(self.scene.text[goods.named.start : goods.named.end])
        if self._is_plural(place - 2) and self.clause[place - 1].word in self.known.describes:
            return place - 2
        if not said or behind >= len(self.clause) or singular(said[-1][0]) != said[-1][0]:
            return None
        joined = self.scene.text[goods.named.end : self.clause[behind].start] == " "
        return behind if joined and self._is_plural(behind) else None

    def _is_of_another(self, goods: Goods) -> bool:
        """Tell a word of one product that is said of other goods: the "10 wheels of cheese"."""
        behind = goods.place + 1
        named = goods.named
        part = not named.whole and named.size_in_words == len(named.products) == 1
        of = behind < len(self.clause) and self.clause[behind].word in self.known.of
        return part and of and self._is_unknown(behind + 1)

    def _is_extra(self, goods: Goods) -> bool:
        """Tell what goes into another product: "with an extra espresso shot"."""
        place = goods.place
        if not self.before and place == next(iter(self.goods)):
            return False
        back = [token.word for token in self.clause[max(0, place - 3) : place]]
        added = back[-1:] and back[-1] in self.known.extra and self._is_unknown(place + 1)
        parts = len(back) == 3 and back[0] in self.known.extra and back[2] in self.known.of
        return bool(added) or (parts and self._is_unknown(place - 2))

    def _fits(self, goods: Goods, left: int, right: int) -> bool:
        """Tell whether a part of a name means goods here, and not a word that others use, too."""
        named = goods.named
        if left and right:
            return False
        if goods.number is None:
            behind = self.clause[goods.place + 1 : goods.place + 2]
            address = bool(behind) and "/" in behind[0].word  # "Door 14/220"
            return not (left or right or address or self._is_inside(goods.place))
        counted = goods.number.kind is NUMBER
        if len(named.products) == 1:
            # Unasked, "a service centre" is no valve.
            return counted or self.scene.asked or not right
        return counted and named.size_in_words > left + right

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

    def _others(self) -> list[ProductLine]:
        """Read a clause that names no product as if there was no catalogue."""
        if not self.scene.asked:
            return []
        return [
            self._other(line)
            for line in lines_of(self.clause, self.known, asked=True)
            # "Budget 60,000"
            if not (is_price(line.number) and line.number.start > line.name[0].start)
        ]

    def _others_beside(self) -> list[ProductLine]:
        """Read the goods the catalogue does not have beside those it has."""
        found = []
        for place, token in enumerate(self.clause):
            if token.kind is not NUMBER or place in self.taken:
                continue
            if self._is_inside(place) or self._sizes_a_pack(place):
                self.inside.add(place)
            elif is_quantity(self.clause, place, self.known, asked=True):
                unit, name = past_unit(
                    self._goods_words(range(place + 1, place + 2 + LONGEST_LINE)), self.known
                )
                name = trim(name, self.known, opening=False)
                if not (name or token.spelt or len(token.word) == MOST_DIGITS or is_price(token)):
                    words = self._goods_words(range(place - 1, place - 2 - LONGEST_LINE, -1))
                    name = trim(words[::-1], self.known)
                if name:
                    found.append(self._other(OrderLine(token.value, unit, token, name)))
        return found

    def _other(self, line: OrderLine) -> ProductLine:
        start, end = line.name[0].start, line.name[-1].end
        name = " ".join(self.scene.text[start:end].split())
        return ProductLine(
            line.quantity, line.number, line.unit, (), name,
            min(start, line.number.start), max(end, line.number.end), line,
        )  # fmt: skip
