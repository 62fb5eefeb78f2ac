"""Fixtures of all tests: the engines (see `tests/engines.py`), and the coverage floor of a whole run."""

from __future__ import annotations

import io
import signal
import warnings
from collections.abc import AsyncIterator, Iterator

import coverage
import pytest
import structlog
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser

from tests.engines import (
    ENGINES,
    EngineMissingError,
    running_browser,
    running_postgres,
    running_redis,
)

# Made-up texts and flows are the same in every run, so that a commit which passed once passes again;
# `./run test --hypothesis-profile hunt` makes up others, and more of them.
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "hunt", settings.get_profile("same"), derandomize=False, max_examples=2_000
)
settings.load_profile("same")

STARTED = pytest.StashKey[dict[str, str]]()
COVERED = pytest.StashKey[tuple[str, str]]()

# Who runs the tests in the background of a shell starts them deaf to Ctrl+C, and the programs that
# tests stop with it would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Every async test runs on asyncio. No params: they would put `[asyncio]` into snapshot names."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _logs_as_they_come() -> Iterator[None]:
    """A command that ran in this process set its own level of logs; the next test sees all again."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


# --- engines -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a real Redis whose contents are the tests' own."""
    _refuse_if_left_out(request.config, "redis")
    try:
        with running_redis() as server:
            request.config.stash[STARTED]["redis"] = str(server)
            yield server.url
    except EngineMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address (`postgresql+asyncpg://...`) of a real PostgreSQL database, empty at first."""
    _refuse_if_left_out(request.config, "postgres")
    try:
        with running_postgres() as database:
            request.config.stash[STARTED]["postgres"] = str(database)
            yield database.url
    except EngineMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None


@pytest.fixture(scope="session")
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """A real Chromium; a test opens a context or page of its own in it."""
    _refuse_if_left_out(request.config, "browser")
    try:
        async with running_browser() as (browser, found):
            said = f"Chromium {browser.version} ({found.source})"
            request.config.stash[STARTED]["browser"] = said
            yield browser
    except EngineMissingError as missing:
        raise pytest.fail.Exception(str(missing), pytrace=False) from None


def _refuse_if_left_out(config: pytest.Config, engine: str) -> None:
    if engine in config.getoption("without"):
        pytest.fail(
            f"this test asks for {engine} while it runs, so --without {engine} could not leave it "
            f'out; mark it (or its parameter) with pytest.mark.needs("{engine}")',
            pytrace=False,
        )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without",
        action="append",
        choices=sorted(ENGINES),
        default=[],
        help="leave out the tests that need this engine (may be given more than once)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[STARTED] = {}
    config.addinivalue_line(
        "markers", "needs(engine): uses the engine without naming its fixture as an argument"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    without = set(config.getoption("without"))
    left_out = [item for item in items if without & _needs(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not without & _needs(item)]


def _needs(item: pytest.Item) -> set[str]:
    fixtures = set(getattr(item, "fixturenames", ()))
    named = {key for key, engine in ENGINES.items() if engine.fixture in fixtures}
    return named.union(*(mark.args for mark in item.iter_markers("needs")))


# --- coverage ------------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hold a whole run to the floor in pyproject.toml; `./run test` measures when given no arguments."""
    measured = coverage.Coverage.current()
    if measured is None:
        return
    measured.stop()
    floor = float(str(measured.get_option("report:fail_under")))
    table = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", coverage.exceptions.CoverageWarning)
        try:
            total = measured.report(file=table)
        except coverage.exceptions.NoDataError:
            total = 0.0
    if total >= floor:
        session.config.stash[COVERED] = (
            f"coverage: {total:.0f} % of engine, branches included",
            "",
        )
        return
    session.config.stash[COVERED] = (
        f"FAILED coverage: {total:.2f} % of engine, the floor is {floor:.0f} %",
        table.getvalue(),
    )
    if session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    say = terminalreporter.write_line
    if COVERED in config.stash:
        verdict, gaps = config.stash[COVERED]
        terminalreporter.write(gaps)
        say(verdict, red=verdict.startswith("FAILED"))
    if started := config.stash[STARTED]:
        say(f"engines: {', '.join(started[key] for key in ENGINES if key in started)}")
    if without := config.getoption("without"):
        say(f"left out on request: every test that needs {' or '.join(sorted(set(without)))}")
