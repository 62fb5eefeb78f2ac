"""The table: everything that Meta refuses, by which code. 360dialog passes its refusals on."""

from __future__ import annotations

__all__ = ["RULES", "WINDOW", "refusal"]

from collections.abc import Iterable, Sequence

from adapters.whatsapp.standins.body_rules import BODY_RULES
from adapters.whatsapp.standins.refusing import Ask, Refusal, Rule, found

WINDOW = 24 * 3_600_000  # milliseconds after a customer's message in which any answer may be sent


def _is_mark(ask: Ask) -> bool:
    return "status" in ask.body


def _is_template(ask: Ask) -> bool:
    return ask.body.get("type") == "template"


def _token(ask: Ask) -> str:
    return "" if ask.token_good else "The access token is wrong"


def _number(ask: Ask) -> str:
    return ask.number


def _mark(ask: Ask) -> str:
    good = not _is_mark(ask) or (ask.body["status"] == "read" and ask.known_message)
    return "" if good else "message_id is not the id of a message that a customer sent"


def _template(ask: Ask) -> str:
    if not _is_template(ask) or ask.template is not None:
        return ""
    name, code = (
        found(ask.body, "template", "name"),
        found(ask.body, "template", "language", "code"),
    )
    return f"template name ({name}) does not exist in {code}"


def _parameters(ask: Ask) -> str:
    if not _is_template(ask) or ask.template is None:
        return ""
    components = found(ask.body, "template", "components")
    bodies = [one for one in components or () if found(one, "type") == "body"]
    given = sum(len(found(one, "parameters") or ()) for one in bodies)
    wanted = ask.template[0]
    if given == wanted:
        return ""
    return (
        f"body: number of localizable_params ({given}) does not match the expected number of"
        f" params ({wanted})"
    )


def _user_id(ask: Ask) -> str:
    refused = ask.by_user_id and ask.template is not None and ask.template[1] == "authentication"
    return "Authentication templates need a phone number" if refused else ""


def _person(ask: Ask) -> str:
    return "" if _is_mark(ask) or ask.known_person else "Message undeliverable."


def _window(ask: Ask) -> str:
    free = _is_mark(ask) or _is_template(ask)
    open_ = ask.last_in is not None and ask.now - ask.last_in < WINDOW
    fault = (
        "Message failed to send because more than 24 hours have passed since the customer last"
        " replied to this number."
    )
    return "" if free or open_ else fault


def _pair(ask: Ask) -> str:
    fault = (
        "Message failed to send because there were too many messages sent from this phone number"
        " to the same phone number in a short period of time."
    )
    return fault if ask.pair_full and not _is_mark(ask) else ""


def _throughput(ask: Ask) -> str:
    fault = (
        "Message failed to send because there were too many messages sent from this phone number"
        " in a short period of time"
    )
    return fault if ask.number_full and not _is_mark(ask) else ""


# In the order in which they are looked at.
RULES: Sequence[Rule] = (
    Rule("token", 190, "a wrong token, or none", _token, http=401),
    Rule("phone number id", 33, "a number id that is not this number's", _number),
    *BODY_RULES,
    Rule("mark", 131009, "read or typing for a message nobody sent", _mark),
    Rule("template", 132001, "a template or language that does not exist", _template, http=404),
    Rule("template parameters", 132000, "more or fewer than its gaps", _parameters),
    Rule("user id", 131062, "an authentication template by user id", _user_id),
    Rule("unknown person", 131026, "nobody has this number or id", _person),
    Rule("window", 131047, "no message from them for 24 hours", _window),
    Rule("pair rate", 131056, "too many to one person", _pair),
    Rule("throughput", 130429, "too many in one second", _throughput),
)


def refusal(ask: Ask, rules: Iterable[Rule] = RULES) -> tuple[Refusal, int] | None:
    """Return the first refusal and its HTTP status; None: it is taken."""
    for rule in rules:
        if details := rule.check(ask):
            return Refusal(rule.name, rule.code, details, ask.body), rule.http
    return None
