"""The application: every address with who answers there, and its description for other programs."""

from __future__ import annotations

__all__ = ["web_app"]

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI, Response
from pydantic import BaseModel
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from adapters.service import Service
from adapters.settings import Settings
from adapters.web import pages
from adapters.web.bodies import sent_as
from adapters.web.chat import ChatRoutes
from adapters.web.description import described, problems_of
from adapters.web.gate import Gate
from adapters.web.operators import OperatorRoutes
from adapters.web.problems import Problem, Problems
from adapters.web.site import Site
from adapters.web.stream import StreamRoute
from adapters.web.unchanging import Unchanging
from adapters.web.watching import WatchRoutes
from adapters.web.wire import Chat, End, Health, Said
from adapters.whatsapp.webhooks import WebhookRoutes

Opening = Callable[[], AbstractAsyncContextManager[Service]]


def web_app(settings: Settings, opening: Opening) -> FastAPI:
    """Put the application together; the service is open as long as it runs."""
    site = Site(settings)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        async with opening() as site.service:
            yield

    app = FastAPI(
        title="Rejoinder",
        version="1",
        description="Talk to a bot: one address for messages, one for what was said, one stream.",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers=Problems().handlers(),
        middleware=[Middleware(Gate, site=site)],
        telemetry={"tracing": False, "metrics": False, "logs": False},
        redirect_slashes=False,
    )
    chat, operators, watch = ChatRoutes(site), OperatorRoutes(site), WatchRoutes(site)

    names = {
        operators.look: "operator_look",
        operators.take_over: "operator_take_over",
        operators.hand_back: "operator_hand_back",
        operators.end: "operator_end",
        operators.say: "operator_say",
    }

    def add(
        method: str,
        path: str,
        route: Callable[..., Any],
        answer: type[BaseModel] | None,
        *kinds: str,
        sent: type[BaseModel] | None = None,
    ) -> None:
        summary = (route.__doc__ or "").partition("\n")[0]
        app.add_api_route(
            path,
            route,
            methods=[method],
            response_model=None,
            operation_id=names.get(route, route.__name__),
            summary=summary,
            responses=problems_of(answer, *kinds),
            openapi_extra={"requestBody": sent_as(sent)} if sent else None,
        )

    visitor = ("forged-token", "two-sessions", "no-bot", "invalid", "too-many", "unavailable")
    operator = ("no-operator", "no-session", "not-now", "invalid", "too-many", "unavailable")
    webhooks = WebhookRoutes(site, lambda: site.service.switchboard)
    app.router.routes += [
        Route("/api/chat", chat.post, methods=["POST"]),
        Route("/api/chat/stream", StreamRoute(site), methods=["GET"]),
        Route("/api/whatsapp/{connection}/webhook", webhooks.verify, methods=["GET"]),
        Route("/api/whatsapp/{connection}/webhook", webhooks.post, methods=["POST"]),
    ]
    add("GET", "/api/chat", chat.history, Chat, *visitor)
    add("POST", "/api/chat/end", chat.end, Chat, *visitor, sent=End)
    of_session = "/api/sessions/{key}"
    add("GET", of_session, operators.look, Chat, *operator)
    add("POST", f"{of_session}/take-over", operators.take_over, Chat, *operator)
    add("POST", f"{of_session}/hand-back", operators.hand_back, Chat, *operator)
    add("POST", f"{of_session}/end", operators.end, Chat, *operator)
    add("POST", f"{of_session}/lines", operators.say, Chat, *operator, sent=Said)
    add("GET", "/health", watch.health, Health)
    add("GET", "/metrics", watch.metrics, None)

    app.openapi = lambda: described(app, site.service.conversations.books)  # type: ignore[method-assign]
    app.router.routes += _pages(app)
    return app


def _pages(app: FastAPI) -> list[Route]:
    """Return the routes of what stays the same while we run."""
    demo, files = pages.demo_page(), pages.widget_files()
    # Made when first asked for: the bots they name are known once the service is open.
    api = cache(lambda: pages.api_page(app.openapi()))
    description = cache(lambda: pages.description_file(app.openapi()))

    def widget_file(request: Request) -> Unchanging:
        if (found := files.get(request.path_params["name"])) is None:
            raise Problem("not-found")
        return found

    found: dict[str, Callable[[Request], Unchanging]] = {
        "/": lambda _: demo,
        "/docs": lambda _: api(),
        "/docs/style.css": lambda _: pages.STYLE,
        "/openapi.json": lambda _: description(),
        "/widget/{name}": widget_file,
    }
    return [Route(path, _answering(find)) for path, find in found.items()]


def _answering(find: Callable[[Request], Unchanging]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return find(request).answer(request)

    return answer
