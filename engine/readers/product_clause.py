"""One clause of an order: its words, and the goods and numbers that stand in it."""

from __future__ import annotations

__all__ = ["Clause"]

from collections.abc import Mapping

from engine.readers.folding import fold, singular
from engine.readers.lexicon import word_set
from engine.readers.numerals import NOTHING, NUMBER, SIGN, WORD, Token
from engine.readers.order_lines import ENDS
from engine.readers.order_words import LONGEST_LINE
from engine.readers.product_counts import PRODUCT, Scene, goods_in
from engine.readers.product_names import Named


class Clause:
    """One clause, with what is known of its products and numbers, and of the words around them."""

    def __init__(
        self, scene: Scene, clause: list[Token], at: Mapping[int, Named], before: tuple[int, ...]
    ) -> None:
        """Take a clause in which a token stands for each product; `before` were named last."""
        self.scene = scene
        self.known = scene.known
        self.before = before
        self.clause, self.goods = goods_in(clause, at, scene.names, scene.known)
        self.taken: set[int] = set()  # places of numbers that count goods
        self.refused: set[int] = set()  # places of words that mean no goods here
        self.inside: set[int] = set()  # places of numbers that count a part of a product

    def _asks(self) -> bool:
        """Tell whether the clause asks for something to be told: "how much is a remote?"."""
        greetings = word_set(self.scene.languages, "greetings")
        for token in self.clause:
            if token.kind is SIGN or token.word in self.known.joins or token.word in greetings:
                continue
            return token.kind is WORD and token.word in self.known.asks
        return False

    def _is_plural(self, place: int) -> bool:
        """Tell whether a word that is no product's whole name counts several of something."""
        other = self.goods.get(place)
        if other is None and not self._is_unknown(place):
            return False
        if other is not None and (other.named.whole or other.number is not None):
            return False
        word = fold(self._typed(place))
        return word.isalpha() and singular(word) != word

    def _typed(self, place: int) -> str:
        return self.scene.text[self._start(place) : self._end(place)]

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

    def _around(self, place: int) -> tuple[int, int]:
        """Find the words around a part of a name that describe the same goods."""
        first, stop = place, place + 1
        while self._is_unknown(first - 1) and place - first < LONGEST_LINE:
            first -= 1
        while self._is_unknown(stop) and stop - place <= LONGEST_LINE:
            stop += 1
        return first, stop

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

    def _is_inside(self, place: int) -> bool:
        """Tell whether something is said to be in or with what was named before."""
        for back in range(place - 1, max(-1, place - 1 - 2 * LONGEST_LINE), -1):
            token = self.clause[back]
            if token.kind is not WORD or (token.word == PRODUCT and back not in self.refused):
                return token.kind is NUMBER and back in self.inside
            if token.word in self.known.inner:
                return True
        return False

    def _sizes_a_pack(self, place: int) -> bool:
        """Tell how many are in each: "50 filters if in packs of 10"."""
        before = [token.word for token in self.clause[max(0, place - 2) : place]]
        return len(before) == 2 and before[0] in self.known.units and before[1] in self.known.of

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
