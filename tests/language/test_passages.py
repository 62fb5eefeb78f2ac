"""Texts of a business are cut into passages: by heading, whole where it can be, never too long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.language.passages import LONGEST, Piece, pieces

SENTENCE = "Every part is tested at the counter before it is handed out. "


def said(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Cut a text; give the headings and the text of each piece."""
    return [(piece.path, piece.text) for piece in pieces("warranty.md", text)]


def test_each_heading_has_a_passage_of_its_own() -> None:
    """A passage stands under its headings; one of the same level ends the one before."""
    text = (
        "Before.\n# Warranty\nIn general.\n## Batteries ##\nNone.\n### Old\nNo.\n## Boards\nYes.\n"
    )

    assert said(text) == [
        ((), "Before."),
        (("Warranty",), "In general."),
        (("Warranty", "Batteries"), "None."),
        (("Warranty", "Batteries", "Old"), "No."),
        (("Warranty", "Boards"), "Yes."),
    ]


def test_underlined_headings_are_headings() -> None:
    """Word processors and older files underline them; a line of dashes alone is no heading."""
    text = "Warranty\n========\n\nOf parts.\n\nBoards\n------\nYes.\n\n---\n\nAnd no.\n"

    assert said(text) == [
        (("Warranty",), "Of parts."),
        (("Warranty", "Boards"), "Yes.\n\nAnd no."),
    ]


def test_a_heading_without_words_leaves_its_level_unnamed() -> None:
    """Signs alone end what stood before it."""
    assert said("## One\nA.\n##\nB.\n#hash\n") == [(("One",), "A."), ((), "B.\n#hash")]


def test_the_source_says_where_a_passage_stands() -> None:
    """People read the file and the headings below its title."""
    paths: list[tuple[str, ...]] = [
        (),
        ("Warranty",),
        ("Warranty", "Boards"),
        ("W", "Boards", "Old"),
    ]

    assert [Piece("w.md", path, "").source for path in paths] == [
        "w.md",
        "w.md: Warranty",
        "w.md: Boards",
        "w.md: Boards > Old",
    ]


def test_what_stands_in_a_comment_is_for_nobody() -> None:
    """An owner's notes to themselves reach no customer, also where the comment is left open."""
    assert said("# A\n<!-- we pay\n60 for it -->\nSaid.\n<!-- our margin\n") == [(("A",), "Said.")]


def test_paragraphs_of_one_heading_stay_together_while_they_are_short() -> None:
    """The third does not fit any more and makes a passage of its own."""
    paragraph = SENTENCE * 8
    found = said("\n\n".join(["# A", *[paragraph] * 3]))

    assert [path for path, _ in found] == [("A",), ("A",)]
    assert found[0][1] == f"{paragraph.strip()}\n\n{paragraph.strip()}"


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    """A paragraph that was wrapped by hand is one text."""
    found = said((SENTENCE.strip() + "\n") * 40)

    assert len(found) == 3
    assert all(text.endswith("handed out.") for _, text in found)


def test_a_long_list_is_cut_between_its_items() -> None:
    """The line before it and a second line of an item stay where they are."""
    items = "\n".join(f"- part {number} {'x' * 50}\n  and more" for number in range(40))
    found = said(f"We have:\n{items}")

    assert found[0][1].startswith("We have:\n- part 0 ")
    assert len(found) > 1
    assert all(text.startswith("- part") for _, text in found[1:])
    assert all(text.endswith("and more") for _, text in found)


def test_a_long_table_repeats_its_first_row() -> None:
    """A row without the names of its columns says nothing."""
    rows = "\n".join(f"| part {number} | {'x' * 40} |" for number in range(60))
    found = said(f"| part | months |\n|---|:--:|\n{rows}")

    assert len(found) > 1
    assert all(text.startswith("| part | months |\n|---|:--:|\n| part") for _, text in found)


def test_a_table_whose_first_row_is_a_page_is_cut_as_any_text() -> None:
    """Repeating it would leave no room for the rows."""
    found = said(f"| {'part ' * 200}|\n|---|\n" + "| x |\n" * 100)

    assert len(found) > 1
    assert all(len(text) <= LONGEST for _, text in found)


@given(
    st.lists(
        st.sampled_from(
            (
                "# A",
                "## B",
                "====",
                "---",
                "",
                "- item",
                "| a | b |",
                "|---|---|",
                "x" * 1_500,
                "\u0d15",
            )
        )
        | st.text(max_size=80)
    )
)
def test_any_text_is_cut_into_passages_that_are_not_too_long(lines: list[str]) -> None:
    """Whatever a file holds, no passage is empty or longer than it may be."""
    for piece in pieces("any.md", "\n".join(lines)):
        assert 0 < len(piece.text) <= LONGEST
