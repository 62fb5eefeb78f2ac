"""The assistant Gemini, through Google's own client, which is loaded with the first question."""

from __future__ import annotations

__all__ = ["MODEL", "Gemini"]

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from adapters.gemini.answers import Unsigned, reply
from adapters.gemini.contents import contents, has_verbatim, tool
from adapters.gemini.refusals import Told, refused, unopened
from engine.questions import Question, Reply
from engine.records import Work

if TYPE_CHECKING:
    import httpx2
    from google.genai import Client
    from google.genai.types import Content, GenerateContentConfig

# ai.google.dev/gemini-api/docs/models: the alias that Google moves to its newest Flash. A name with a
# number is switched off within a year or two, and every bot would fall silent with it.
MODEL: Final = "gemini-flash-latest"
# Thoughts count too: eighty words are 200 tokens, and Flash thinks up to a few thousand.
MOST_TOKENS: Final = 4_096
AT_ONCE: Final = 600  # connections; a worker has up to 512 questions under way, httpx2 takes 100
KEPT: Final = 50  # connections that stay open for the next question


class Gemini:
    """Asks Gemini; holds connections and nothing of anybody's conversation."""

    def __init__(
        self,
        *,
        key: str = "",
        model: str = "",
        base_url: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Load and open nothing yet; what is not given, the client's own environment says.

        `transport` stands in for the network.
        """
        self._key = key
        self._model = model or MODEL
        self._base_url = base_url or None
        self._transport = transport
        self._told = Told()
        self._client: Client | None = None
        self._http: httpx2.AsyncClient | None = None

    async def ask(self, work: Work, question: Question) -> Reply:  # noqa: ARG002 - as the port has it
        """Answer a question; turns of its own that it does not know again are sent as texts."""
        client = await self._opened()
        if has_verbatim(question):
            with suppress(Unsigned):
                return await self._ask(client, question, verbatim=True)
        return await self._ask(client, question, verbatim=False)

    async def aclose(self) -> None:
        """Close the connections; a later question opens them again."""
        client, http = self._client, self._http
        self._client = self._http = None
        if client is not None and http is not None:
            client.close()
            await http.aclose()

    async def _ask(self, client: Client, question: Question, *, verbatim: bool) -> Reply:
        try:
            answer = await client.aio.models.generate_content(
                model=self._model,
                contents=[*_contents(question, verbatim=verbatim)],
                config=_config(question),
            )
            read = answer.model_dump(
                mode="json",
                by_alias=True,
                exclude_none=True,
                include={"candidates", "prompt_feedback"},
            )
        except Exception as error:
            failure = refused(error, self._told, verbatim=verbatim)
            if failure is None:
                raise
            raise failure from None
        self._told.rows.clear()
        return reply(read, question.offers)

    async def _opened(self) -> Client:
        if self._client is None and self._transport is None:
            await asyncio.to_thread(_load)  # most of a second, in which others are answered
        if self._client is None:
            self._client = self._open()
        return self._client

    def _open(self) -> Client:
        import httpx2  # noqa: PLC0415 - whoever asks nothing waits for nothing
        from google import genai  # noqa: PLC0415 - same
        from google.genai import types  # noqa: PLC0415 - same

        limits = httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=KEPT)
        # Its own: with aiohttp installed, the client would take that, and sleep before it tries again.
        http = httpx2.AsyncClient(transport=self._transport, limits=limits, timeout=None)
        try:
            client = genai.Client(
                api_key=self._key or None,
                http_options=types.HttpOptions(
                    base_url=self._base_url,
                    httpx_async_client=http,
                    retry_options=types.HttpRetryOptions(attempts=1),  # the worker asks again
                ),
            )
        except ValueError:
            raise unopened(self._told) from None
        self._http = http
        return client


def _load() -> None:
    import google.genai  # noqa: F401, PLC0415 - for those who ask


def _contents(question: Question, *, verbatim: bool) -> list[Content]:
    """Return what is sent; bytes are base64 in JSON alone."""
    from google.genai import types  # noqa: PLC0415 - loaded by now

    try:
        return [
            types.Content.model_validate_json(json.dumps(one))
            for one in contents(question, verbatim=verbatim)
        ]
    except ValueError:
        # A turn kept by another version of the client.
        raise Unsigned("a kept turn cannot be read") from None


def _config(question: Question) -> GenerateContentConfig:
    from google.genai import types  # noqa: PLC0415 - loaded by now

    given: dict[str, Any] = {}
    if question.offers:
        declared = types.FunctionDeclaration(**tool(question.offers))
        given["tools"] = [types.Tool(function_declarations=[declared])]
        calling = types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.AUTO)
        given["tool_config"] = types.ToolConfig(function_calling_config=calling)
    return types.GenerateContentConfig(
        system_instruction=question.instruction or None,
        # No temperature: Gemini 3 is tuned for its own, and a lower one may send it round in circles.
        max_output_tokens=MOST_TOKENS,
        # One question is one request: it neither calls for us nor goes on by itself.
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        http_options=types.HttpOptions(timeout=question.timeout),
        **given,
    )
