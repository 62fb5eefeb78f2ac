"""The lines the engine says by itself, and the commands that work in every state.

`flows/texts.yaml` and `flows/always.yaml` hold them in every shipped language; a bot overrides a
line under `texts`, a flow a command under `always`. A field here is a key there.
"""

from __future__ import annotations

__all__ = ["REFUSED", "TEXT_PLACEHOLDERS", "AlwaysFile", "Command", "TextsFile"]

from typing import Any, Final

from pydantic import Field

from engine.language.schema_values import Model, Phrases, Text


def line(said: str, *placeholders: str) -> Any:
    """Declare a line: when it is said, and which placeholders it may use."""
    uses = f" May use {', '.join(f'{{{each}}}' for each in placeholders)}." if placeholders else ""
    return Field(
        None,
        description=f"{said}{uses}",
        json_schema_extra={"x-placeholders": list(placeholders)},
    )


# What a line about a refused value may show; so may a slot's own `invalid`.
REFUSED: Final = ("label", "value", "min", "max", "product")


class TextsFile(Model):
    """Every line the engine says by itself; in a bot only the ones it says differently."""

    # Corrections, commands, refusals
    corrected: Text | None = line("After a slot was corrected.", "label", "value")
    changed_what: Text | None = line("After a choice that means change and has no ask.")
    new_value: Text | None = line("A slot is to be changed and its value was not given.", "label")
    what_time: Text | None = line("A day was said where a time is wanted, too.")
    thanks: Text | None = line("A thank-you, where the FAQ has no answer to it.")
    goodbye: Text | None = line("A goodbye, where the FAQ has no answer to it.")
    noted: Text | None = line("Name, phone or email were said before any flow asked for them.")
    declined: Text | None = line("The assistant's offer of a flow was declined.")
    too_late: Text | None = line("A correction of what an action already used.", "label")
    no_cancel: Text | None = line("Cancel while an action runs.")
    cancelled: Text | None = line("After a confirmed cancel.")
    restarted: Text | None = line("After a confirmed restart.")
    went_back: Text | None = line("After back.")
    nothing_back: Text | None = line("Back where nothing was filled.")
    nothing_open: Text | None = line("A command that needs a flow, outside of one.")
    language_set: Text | None = line("After the language was changed.", "language")
    yes: Text | None = line("The label of a yes.")
    no: Text | None = line("The label of a no.")

    # Questions and misses
    misunderstood: Text | None = line("A miss in a state without reask, before its question.")
    open_list: Text | None = line("On the button that opens a list on WhatsApp.")
    choose: Text | None = line("A miss in a choice state without reask, before its choices.")
    unclear: Text | None = line("Several values fit.", "candidates")
    invalid: Text | None = line("A value that cannot be taken.", *REFUSED)
    not_dialable: Text | None = line("A phone number nobody can call.", *REFUSED)
    no_address: Text | None = line("Something like an email address that is none.", *REFUSED)
    too_few: Text | None = line("Less than a slot's at_least.", *REFUSED)
    too_many: Text | None = line("More than a slot's at_most.", *REFUSED)
    line_which: Text | None = line("Several products fit a line.", "product", "candidates")
    line_unknown: Text | None = line("No product fits a line.", "product", "candidates")
    line_not_sold: Text | None = line("No product is even near to a line.", "product")
    line_how_many: Text | None = line("A product without a quantity.", "product")
    line_whole: Text | None = line("A fraction of a piece.", "product")
    line_too_few: Text | None = line("Less than is sold of it.", "product", "min")
    line_too_many: Text | None = line("More than anybody sells.", "product", "max")
    line_pack: Text | None = line(
        "A quantity between two packs.", "product", "pack_size", "candidates"
    )
    line_number: Text | None = line(
        "Which line of a longer order it is.", "line_no", "line_question"
    )
    left_out: Text | None = line("The label of taking a line off.")
    line_off: Text | None = line("Which line to take off an order.", "candidates")
    keep_all: Text | None = line("The label of taking none off.")
    nothing_left: Text | None = line("Before an order without lines is cancelled.")
    was_left_out: Text | None = line("After a line was taken off.", "product")
    lines_at_zero: Text | None = line("After many lines of zero pieces were taken off.", "zeros")
    price_from: Text | None = line("What a product costs from a quantity on.", "price_each", "min")
    price_unknown: Text | None = line("Instead of a price that the catalogue does not have.")
    total: Text | None = line("Under an order whose prices are known.", "order_total")
    too_short: Text | None = line("A text shorter than its length allows.", *REFUSED)
    too_long_value: Text | None = line("A text longer than its length allows.", *REFUSED)
    optional_hint: Text | None = line("After the question for an optional slot.")
    skip_words: Phrases | None = Field(
        None, description="Words that decline an optional slot, as a whole message."
    )
    skipped: Text | None = line("After an optional slot was declined.")
    old_button: Text | None = line("A tap on a question that is no longer open.")

    # Between flows
    offer: Text | None = line("The assistant offers a flow.", "flow")
    order_offer: Text | None = line("A product was asked about, with a quantity.", "order_lines")
    leave_or_finish: Text | None = line("Another flow is asked for inside a flow.", "flow")
    continue_: Text | None = Field(
        None, alias="continue", description="The label of going on with this flow."
    )
    leave: Text | None = line("The label of leaving this flow.")
    flow_changed: Text | None = line("The flow was edited; some questions come again.", "flow")
    expired: Text | None = line("An unfinished flow was put aside.", "flow")

    # What is not text, or too much of it
    empty: Text | None = line("A message without content.")
    file: Text | None = line("A file, picture or voice message.")
    file_too_large: Text | None = line("A list in a file that is too large.")
    file_unreadable: Text | None = line("A file that should hold a list and cannot be read.")
    file_empty: Text | None = line("A file that holds no list.")
    too_long: Text | None = line("A message that was cut.", "limit")

    # Waiting, trouble, people
    unknown: Text | None = line("Nothing was understood and no assistant answers.", "flows")
    busy: Text | None = line("Once while an action runs.")
    trouble: Text | None = line("Something broke on our side.")
    person_coming: Text | None = line("A desk was called and says nothing itself.")
    nobody_came: Text | None = line("Nobody answered in time.")
    no_person: Text | None = line("A person is asked for and the bot has no desk.")
    closed: Text | None = line("A desk outside its hours.", "opens")

    # The joints of sentences
    and_: Text | None = Field(
        None, alias="and", description="Joins the last of a list: name, phone AND email."
    )
    or_: Text | None = Field(None, alias="or", description="Joins the last alternative.")


# What a line may show, besides {bot.NAME}: by key of the file.
TEXT_PLACEHOLDERS: Final[dict[str, tuple[str, ...]]] = {
    field.alias or key: tuple(
        field.json_schema_extra["x-placeholders"]  # type: ignore[arg-type]
        if isinstance(field.json_schema_extra, dict)
        else ()
    )
    for key, field in TextsFile.model_fields.items()
}


class Command(Model):
    """A command: the words that give it and what is said to it."""

    words: Phrases = Field(description="The words, as a whole message.")
    ask: Text | None = Field(None, description="Asked before it is done.")
    say: Text | None = Field(None, description="Said when it is done.")
    nothing: Text | None = Field(None, description="Said when there is nothing to do.")


class AlwaysFile(Model):
    """The commands that work everywhere."""

    cancel: Command = Field(description="Leaves the flow, with everything that called it.")
    back: Command = Field(description="Undoes the last answer.")
    restart: Command = Field(description="Begins the flow again.")
    person: Command = Field(description="Calls a person.")
    help: Command = Field(description="Says what the bot can do.")
    question: Command = Field(description="Lets the customer ask something in between.")
    language: Command = Field(
        description="Says how to change the language; a language's own name changes it."
    )
