"""How flows begin and questions are met: no phrase may mean two things."""

from __future__ import annotations

__all__ = ["check_starts"]

from collections.abc import Iterator

from engine.errors import Fault
from engine.language.check_choices import fold_words
from engine.language.document import Document, Path
from engine.language.refusals import did_you_mean
from engine.language.schema import Phrases
from engine.language.survey import FlowSurvey, Survey


def check_starts(survey: Survey) -> Iterator[Fault]:
    """Check phrases, questions and forms."""
    yield from check_phrases(survey)
    ids: set[str] = set()
    for number, entry in enumerate(survey.source.faq):
        if entry.id in ids:
            fault = f'two questions have the id "{entry.id}"'
            document = survey.source.documents["faq"]
            yield document.fault((number, "id"), fault, "Rename one of them.")
        ids.add(entry.id)
    forms: dict[str, str] = {}
    for flow in survey.flows.values():
        form = flow.flow.start.form
        if form is not None:
            yield from check_form(survey, flow, form)
            if form in forms:
                fault = f'the form "{form}" starts the flow "{forms[form]}" already'
                yield flow.fault(("start", "form"), fault, "Keep it for one of them.")
            forms.setdefault(form, flow.name)


def check_phrases(survey: Survey) -> Iterator[Fault]:
    """Refuse a phrase that two flows, two questions, or a flow and a question have."""
    owners: dict[str, str] = {}
    for document, path, owner, phrases in phrases_of(survey):
        for place, phrase in each_phrase(path, phrases):
            folded = fold_words(phrase)
            if not folded:
                fault = f'"{phrase}" has no word in it'
                yield document.fault(place, fault, "Write letters or digits.")
            elif owners.setdefault(folded, owner) != owner:
                fault = f'"{phrase}" belongs to {owners[folded]} already'
                yield document.fault(place, fault, "Keep it for one of them.")


def phrases_of(survey: Survey) -> Iterator[tuple[Document, Path, str, Phrases]]:
    """List what starts flows, then what asks questions."""
    for flow in survey.flows.values():
        if flow.flow.start.phrases is not None:
            path: Path = ("start", "phrases")
            yield flow.document, path, f'the flow "{flow.name}"', flow.flow.start.phrases
    for number, entry in enumerate(survey.source.faq):
        document = survey.source.documents["faq"]
        yield document, (number, "ask"), f'the question "{entry.id}"', entry.ask


def each_phrase(path: Path, phrases: Phrases) -> Iterator[tuple[Path, str]]:
    """List phrases with their places."""
    by_language = {None: phrases} if isinstance(phrases, list) else phrases
    for language, listed in by_language.items():
        place: Path = path if language is None else (*path, language)
        for number, phrase in enumerate(listed):
            yield (*place, number), phrase


def check_form(survey: Survey, flow: FlowSurvey, form: str) -> Iterator[Fault]:
    """Check the form a flow begins with."""
    forms = survey.bot.forms
    if form not in forms:
        remedy = did_you_mean(form, forms) or "Add it under forms in bot.yaml."
        yield flow.fault(("start", "form"), f'bot.yaml has no form "{form}"', remedy)
        return
    for field, kind in forms[form].fields.items():
        slot = flow.flow.slots.get(field)
        if slot is not None and slot.type != kind:
            fault = f'this field is of type {kind}, the slot "{field}" of "{flow.name}" of type {slot.type}'
            yield survey.fault(("forms", form, "fields", field), fault, "Give both the same type.")
