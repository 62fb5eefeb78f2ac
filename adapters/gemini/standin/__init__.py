"""A stand-in of Gemini on this machine: its wire, its rules, its moods, and a record of all it saw.

    standin = GeminiStandin()                       # answers "I am a stand-in of Gemini." for ever
    standin.next(says("Hi."), limited("2s"))        # the next requests, in order ...
    standin.always = slow(3)                        # ... and all others; or a function of the `Asked`

    with standin.served() as url:                   # real HTTP in a thread of its own, any free port
        Gemini(key="any", base_url=url)             # both /v1 and /v1beta, behind any prefix too
    Gemini(key="any", transport=standin.transport())  # in this process and loop, without a socket

    standin.asked                                   # every request: path, version, model, body, headers
    standin.count, standin.under_way, standin.most_at_once
    standin.wait_for(lambda: standin.count == 2)    # from any other thread
    standin.down(); standin.up()                    # nobody is there: connections are refused
    standin.release()                               # end all that is slow, now

Moods: `says`, `calls` (with `call`), `limited`, `fails`, `slow`, `cut`, `blocked`, `stopped`, `empty`,
`html`, `broken`. `key` is what it takes (empty: any but none), `models` the names that it knows.
What it refuses stands in the table `rules.RULES`, with Google's words; a refused request takes no mood.
Its clock is the loop's: on a virtual one, `slow` takes no time. Requests that wait cost a future each.
"""

__all__ = [
    "Asked",
    "GeminiStandin",
    "Mood",
    "blocked",
    "broken",
    "call",
    "calls",
    "cut",
    "empty",
    "fails",
    "html",
    "limited",
    "says",
    "slow",
    "stopped",
]

from adapters.gemini.standin.asking import Asked
from adapters.gemini.standin.moods import (
    Mood,
    blocked,
    broken,
    call,
    calls,
    cut,
    empty,
    fails,
    html,
    limited,
    says,
    slow,
    stopped,
)
from adapters.gemini.standin.standin import GeminiStandin
