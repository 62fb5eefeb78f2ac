"""Files to models. Nothing half-loaded: a bot comes whole, or as the list of all its faults."""

from __future__ import annotations

__all__ = ["load_bot", "load_flow_file"]

import re
from pathlib import Path as File
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import AuthorError, Fault
from engine.language.catalogue import read_catalogue
from engine.language.check_knowledge import read_knowledge
from engine.language.document import Document, parse, read_text, shown_path
from engine.language.refusals import did_you_mean, faults_of
from engine.language.schema import AlwaysFile, BotFile, FaqFile, FlowFile, TextsFile
from engine.language.schema_values import NAME_PATTERN
from engine.language.source import BotSource, FlowSource, Product, content_hash

Shape = TypeVar("Shape", bound=BaseModel)


def load_flow_file(file: File) -> FlowSource:
    """Read one flow; raise every fault in it."""
    faults: list[Fault] = []
    source = read_flow(file, faults)
    if source is None:
        raise AuthorError(faults)
    return source


def load_bot(folder: File, *, defaults: File) -> BotSource:
    """Read a bot's folder, and the lines and commands every bot has; raise every fault in them."""
    faults: list[Fault] = []
    always, always_document = read(defaults / "always.yaml", AlwaysFile, faults)
    texts, texts_document = read(defaults / "texts.yaml", TextsFile, faults)
    bot, bot_document = read(folder / "bot.yaml", BotFile, faults)
    if bot_document is None:
        raise AuthorError(faults)
    # The raw document is asked, not the model: one wrong key in bot.yaml must not hide the faults
    # of the flows it names.
    flows = read_flows(folder, bot_document, faults)
    faq, faq_document = None, None
    if named := named_file(bot_document, "faq"):
        faq, faq_document = read(folder / named, FaqFile, faults)
    catalogue = read_products(folder, bot_document, faults)
    asks_texts = bot is not None and bot.assistant.knowledge
    knowledge = read_knowledge(folder, bot_document, faults) if asks_texts else ()
    if faults or bot is None or always is None or texts is None:
        raise AuthorError(faults)
    others = {"bot": bot_document, "faq": faq_document, "always": always_document}
    others["texts"] = texts_document
    return BotSource(
        folder=folder,
        bot=bot,
        flows={name: flow.flow for name, flow in flows.items()},
        faq=tuple(faq.root) if faq else (),
        always=always,
        texts=texts,
        catalogue=catalogue,
        knowledge=knowledge,
        documents={name: document for name, document in others.items() if document},
        flow_documents={name: flow.document for name, flow in flows.items()},
        hashes={name: flow.hash for name, flow in flows.items()},
    )


def read(
    file: File, model: type[Shape], faults: list[Fault]
) -> tuple[Shape | None, Document | None]:
    """Read one file into its model; what is wrong is added to `faults`."""
    try:
        document, found = parse(shown_path(file), read_text(file))
    except AuthorError as error:
        document, found = None, error.faults
    faults += found
    if document is None:
        return None, None
    try:
        return model.model_validate(document.value), document
    except ValidationError as error:
        faults += faults_of(error, model, document)
        return None, document


def read_flow(file: File, faults: list[Fault]) -> FlowSource | None:
    """Read one flow's file, which is called as the flow is."""
    flow, document = read(file, FlowFile, faults)
    if flow is None or document is None:
        return None
    if flow.flow != file.stem:
        fault = f'the flow "{flow.flow}" stands in a file called "{file.name}"'
        faults.append(
            document.fault(
                ("flow",), fault, f"Call the file {flow.flow}.yaml, or the flow {file.stem}."
            )
        )
    return FlowSource(flow, document, content_hash(document.value))


def read_flows(folder: File, bot: Document, faults: list[Fault]) -> dict[str, FlowSource]:
    """Read the flows that bot.yaml names."""
    flows: dict[str, FlowSource] = {}
    there = sorted(
        file.stem for file in folder.glob("*.yaml") if file.name not in ("bot.yaml", bot.at("faq"))
    )
    names = bot.at("flows")
    for number, name in enumerate(names if isinstance(names, list) else []):
        if not isinstance(name, str) or not re.fullmatch(NAME_PATTERN, name):
            continue  # the model has refused it already
        path = ("flows", number)
        if name in names[:number]:
            faults.append(bot.fault(path, f'the flow "{name}" is named twice', "Remove one."))
        elif not (folder / f"{name}.yaml").exists():
            remedy = did_you_mean(name, there) or f"Write {name}.yaml, or remove the name."
            fault = f'this folder has no "{name}.yaml"'
            faults.append(bot.fault(path, fault, remedy))
        elif flow := read_flow(folder / f"{name}.yaml", faults):
            flows[name] = flow
    return flows


def read_products(folder: File, bot: Document, faults: list[Fault]) -> tuple[Product, ...]:
    """Read the catalogue, where bot.yaml names one."""
    if named := named_file(bot, "catalogue"):
        try:
            return read_catalogue(folder / named)
        except AuthorError as error:
            faults += error.faults
    return ()


def named_file(bot: Document, key: str) -> str:
    """Look up a file that bot.yaml names; a wrong name has been refused by the model."""
    named = bot.at(key) if isinstance(bot.value, dict) and key in bot.value else ""
    return named if isinstance(named, str) and re.fullmatch(r"\w[\w.-]*", named) else ""
