"""What Meta's Cloud API does with a message, and what 360dialog therefore does too."""

from __future__ import annotations

__all__ = ["MetaStandin"]

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.whatsapp.standins.customers import Customers
from adapters.whatsapp.standins.inbound import Update
from adapters.whatsapp.standins.phones import Mark, Phone
from adapters.whatsapp.standins.rates import PairRate
from adapters.whatsapp.standins.refusing import TITLES, Ask, Refusal, error_body, found
from adapters.whatsapp.standins.rules import refusal
from adapters.whatsapp.standins.templates import Template, shown


class MetaStandin(Customers):
    """A number on the Cloud API.

    What may be set at any time: `statuses` that follow a message by themselves, seconds to the
    first of them (`status_after`), the codes that come `late` (a status `failed` after a 200),
    `pair` and `throughput`, whether webhooks tell a file's URL (`media_urls`), and `country`: a `to`
    without plus that does not begin with it gets it prepended, as Meta may do, and goes astray.
    """

    def __init__(self, *, phone_number_id: str, **more: Any) -> None:
        """Take the number's id, and what every stand-in takes."""
        super().__init__(phone_number_id=phone_number_id, **more)
        self.country = "1"
        self.statuses: tuple[str, ...] = ("sent", "delivered")
        self.status_after = 0.05
        self.late: frozenset[int] = frozenset()
        self.pair = PairRate()
        self._templates: dict[tuple[str, str], Template] = {}
        self._read: set[str] = set()

    def template(
        self,
        name: str,
        language: str,
        text: str,
        *,
        buttons: Iterable[str] = (),
        category: str = "utility",
    ) -> None:
        """Approve a template; its gaps are {{1}}, {{2}} .."""
        key = (name, language)
        self._templates[key] = Template(name, language, text, tuple(buttons), category)

    def read_by(self, phone: Phone) -> None:
        """Tell that a customer read everything."""
        for one in phone.inbox:
            if not one.by_hand and one.wamid not in self._read:
                self._read.add(one.wamid)
                self._status(one.wamid, "read", phone, one.biz_opaque_callback_data)

    # -- what the product sends --------------------------------------------------------------------

    def decide(self, body: Any, *, token_good: bool, number: str = "") -> tuple[int, Any]:
        """Take a request's body or refuse it; return the status and the answer.

        `number` is the id in the path where that is a wrong one.
        """
        with self._lock:
            body = body if isinstance(body, dict) else {}
            phone = self.addressed(body)
            ask = self._ask(body, phone, token_good=token_good, number=number)
            refused = refusal(ask)
            if refused is not None:
                self.refusals.append(refused[0])
                if refused[0].code not in self.late:
                    return refused[1], error_body(refused[0].code, refused[0].details)
            if "status" in body:
                self._marked(body)
                return 200, {"success": True}
            return 200, self.take(body, phone, failing=refused[0] if refused else None)

    def take(
        self, body: Mapping[str, Any], phone: Phone | None, *, failing: Refusal | None = None
    ) -> dict[str, Any]:
        """Take a message: the handset shows it and statuses follow, unless it fails later."""
        now = self.clock()
        to = str(body.get("to") or body.get("recipient"))
        wamid = self.wamid(to)
        ours = str(body.get("biz_opaque_callback_data") or "")
        self.throughput.took(now)
        if failing is not None:
            self._status(wamid, "failed", phone, ours, failing=failing, to=to)
        elif phone is not None:
            self.pair.took(phone, now)
            self.arrives(phone, shown(body, wamid, now, self._template(body)))
            for state in self.statuses:
                self._status(wamid, state, phone, ours)
        contact = {"input": to}
        if body.get("to"):
            contact["wa_id"] = phone.wa_id if phone else to.removeprefix("+")
        elif phone:
            contact["user_id"] = phone.user_id
        message = {"id": wamid}
        if body.get("type") == "template":
            message["message_status"] = "accepted"
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}

    def addressed(self, body: Mapping[str, Any]) -> Phone | None:
        """Return whom a body is for; `to` wins over `recipient`."""
        if not body.get("to"):
            wanted = str(body.get("recipient"))
            return next((one for one in self.phones if one.user_id == wanted), None)
        given = str(body["to"])
        digits = "".join(char for char in given if char.isdecimal())
        if not given.startswith("+") and not digits.startswith(self.country):
            digits = self.country + digits
        return next((one for one in self.phones if digits in (one.number, one.wa_id)), None)

    def _template(self, body: Mapping[str, Any]) -> Template | None:
        name = str(found(body, "template", "name"))
        return self._templates.get((name, str(found(body, "template", "language", "code"))))

    def _ask(
        self, body: dict[str, Any], phone: Phone | None, *, token_good: bool, number: str
    ) -> Ask:
        now, template = self.clock(), self._template(body)
        return Ask(
            body,
            now,
            token_good=token_good,
            number=number,
            known_person=phone is not None,
            by_user_id=not body.get("to"),
            last_in=phone.last_in if phone else None,
            known_message=str(body.get("message_id")) in self._from_customers,
            template=(template.parameters, template.category) if template else None,
            pair_full=phone is not None and self.pair.full(phone, now),
            number_full=self.throughput.full(now),
        )

    def _marked(self, body: Mapping[str, Any]) -> None:
        phone = self._from_customers[body["message_id"]]
        mark = Mark(body["message_id"], typing="typing_indicator" in body)
        phone.marks.append(mark)
        self.told(phone, mark)

    def _status(
        self,
        wamid: str,
        state: str,
        phone: Phone | None,
        ours: str,
        *,
        failing: Refusal | None = None,
        to: str = "",
    ) -> None:
        status: dict[str, Any] = {"id": wamid, "status": state, "timestamp": self.seconds()}
        value: dict[str, Any] = {"statuses": [status]}
        if phone is None or not phone.username:
            status["recipient_id"] = phone.wa_id if phone else to.removeprefix("+")
        if ours:
            status["biz_opaque_callback_data"] = ours
        if failing is not None:
            title = TITLES.get(failing.code, "Something went wrong")
            more = {"error_data": {"details": failing.details or title}}
            status["errors"] = [{"code": failing.code, "title": title, "message": title, **more}]
        elif phone is not None:
            value["contacts"] = [self.contact_of(phone)]
            if phone.user_id:
                status["recipient_user_id"] = phone.user_id
        lane = phone.number if phone else to
        self.send(Update("messages", value, wamid, lane), after=self.status_after)
