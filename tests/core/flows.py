"""Small flows the core's tests talk to, as an author would write them."""

from __future__ import annotations

__all__ = ["CONTACT", "ENDED", "JOB", "MENU", "asking", "flow"]

from typing import Any

ENDED: dict[str, Any] = {"end": "completed", "say": "Thank you."}


def flow(name: str, states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Write a flow that "NAME please" starts."""
    start = {"phrases": [f"{name} please"], "hint": f"A {name} is wanted.", **more.pop("start", {})}
    return {"flow": name, "start": start, "states": states, **more}


def asking(*slots: str, then: Any = "ended", **more: Any) -> dict[str, Any]:
    """Write a state that collects these slots."""
    return {"collect": list(slots), "ask": "Your {missing}?", "then": then, **more}


# Collects two things, shows them, runs an action.
JOB = flow(
    "job",
    {
        "collecting": asking("name", "email", then="confirming", more="Still your {missing}."),
        "confirming": {
            "say": "{name}, {email}: right?",
            "choices": [
                {"id": "go", "label": "Go ahead", "means": "yes", "go": "working"},
                {"id": "change", "label": "Change", "means": "change"},
                {"id": "back", "label": "One back", "means": "back"},
                {"id": "drop", "label": "Drop it", "means": "no", "go": "dropped"},
            ],
        },
        "working": {
            "do": "work",
            "with": ["email"],
            "saves": "result",
            "say": "Working.",
            "done": "rating",
            "failed": "dropped",
        },
        "rating": asking("stars"),
        "ended": {"end": "completed", "say": "Number {result.number}, {stars} stars."},
        "dropped": {"end": "cancelled", "say": "Dropped."},
    },
    slots={
        "name": {"type": "person_name"},
        "email": {"type": "email"},
        "stars": {"type": "number", "at_least": 1, "at_most": 5},
    },
)
CONTACT = {
    "flow": "contact",
    "slots": {"name": {"type": "person_name"}, "email": {"type": "email"}},
    "states": {"asking": asking("name", "email"), "ended": {"end": "completed"}},
}
MENU = flow(
    "pick",
    {
        "choosing": {
            "say": "What is it?",
            "choices": [
                {"id": "mail", "label": "A mail", "go": "mailing"},
                {"id": "call", "label": "A call", "go": "calling"},
            ],
        },
        "mailing": asking("email"),
        "calling": asking("phone"),
        "ended": ENDED,
    },
    slots={"email": {"type": "email"}, "phone": {"type": "phone"}},
)
