"""What a provider refuses, at once or by a later status: what becomes of the message, and of the others."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from adapters.whatsapp.standins.cloud import CloudStandin
from adapters.whatsapp.standins.phones import Phone
from adapters.whatsapp.standins.rates import PairRate, Throughput
from adapters.whatsapp.standins.refusing import Rule
from adapters.whatsapp.standins.rules import RULES
from tests.whatsapp.asking import KIND, LATER, WHEN, asks, is_answered, is_owed_again
from tests.whatsapp.serving import Clock, HeldShop, bot, held_shop, until

WINDOW = {"template": "again", "with": ["text"]}
# Meta, error codes: what becomes of a message that is refused so.
CODES = {
    "retry": (4, 80007, 130429, 2, 131000, 131016, 133004, 131057, 131053),
    "pair": (131056,),
    "stop": (3, 10, 33, 190, 200, 299, 131005, 368, 131031, 131042, 131045, 133010, 131037),
    "slow": (131048, 131064),
    "never": (
        *(131026, 130403, 131050, 131021, 131030, 130497, 131051, 131052, 131062, 130472),
        *(1, 100, 131008, 131009, 135000),
        *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018),
        999_999,
    ),
    "template": (131047,),
    "wait": (131049,),
}
PASSES = {"retry": 6, "pair": 5, "stop": 61, "slow": 601}  # seconds until it goes out after all


def of(*kinds: str) -> list[int]:
    return [code for kind in kinds for code in CODES[kind]]


def kind_of(code: int) -> str:
    return next(kind for kind, codes in CODES.items() if code in codes)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldShop]:
    folder = tmp_path_factory.mktemp("shop")
    with CloudStandin(clock=Clock()) as cloud:
        cloud.template("again", "en", "You wrote to us: {{1}}")
        own = bot(folder, cloud.connection(), window_closed=WINDOW)
        with held_shop(cloud, folder, own) as served:
            yield served


@pytest.fixture(autouse=True)
def _as_ever(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave no limits and no rest to the next test."""
    yield
    if "shop" in request.fixturenames:
        shop: HeldShop = request.getfixturevalue("shop")
        shop.standin.pair, shop.standin.throughput = PairRate(), Throughput()
        shop.standin.statuses = ("sent", "delivered")
        shop.later(700)


def owes(shop: HeldShop, phone: Phone, n: int) -> bool:
    """Tell whether so many messages were made for somebody."""
    return len(shop.sends(phone)) == n


def got_more_than(phone: Phone, n: int) -> bool:
    """Tell whether more than so many messages came to somebody."""
    return len(phone.inbox) > n


def refused_so_far(shop: HeldShop, n: int) -> None:
    """Wait until so many were refused."""
    assert shop.standin.wait_for(lambda: len(shop.standin.refusals) >= n)


# -- the codes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("code", of("retry", "pair"))
def test_what_passes_goes_out_after_a_while(shop: HeldShop, code: int, when: str) -> None:
    phone = shop.phone()
    before = len(shop.standin.refusals)
    shop.standin.fail_next(code, late=when == LATER)
    asks(phone)
    refused_so_far(shop, before + 1)
    until(lambda: is_owed_again(shop, phone))
    assert [] == phone.inbox
    is_answered(shop)
    shop.later(PASSES[kind_of(code)])
    assert KIND == phone.wait()[0].text
    until(lambda: ["done"] == shop.sends(phone))


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("code", of("stop", "slow"))
def test_what_a_person_must_repair_stops_the_number_for_a_while(
    shop: HeldShop, code: int, when: str
) -> None:
    """What customers write meanwhile is taken, and answered when the number sends again."""
    phone, other = shop.phone(), shop.phone()
    shop.standin.fail_next(code, late=when == LATER)
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    sent = len(shop.standin.requests)
    asks(other)
    until(lambda: is_owed_again(shop, other))
    assert sent == len(shop.standin.requests)
    shop.later(PASSES[kind_of(code)])
    assert KIND == phone.wait()[0].text
    assert KIND == other.wait()[0].text
    until(lambda: ["done"] == shop.sends(phone))


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("code", of("never"))
def test_what_never_goes_is_given_up(shop: HeldShop, code: int, when: str) -> None:
    """The next answer to the same person goes out all the same."""
    phone = shop.phone()
    shop.standin.fail_next(code, late=when == LATER)
    asks(phone)
    if when == LATER:
        until(lambda: [("failed", code)] == shop.states(phone))
        until(lambda: ["done"] == shop.sends(phone))
    else:
        until(lambda: ["failed"] == shop.sends(phone))
    is_answered(shop)
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text


@pytest.mark.parametrize("when", WHEN)
def test_after_24_hours_a_template_goes_in_its_place(shop: HeldShop, when: str) -> None:
    phone = shop.phone()
    shop.standin.fail_next(131047, late=when == LATER)
    asks(phone)
    (told,) = phone.wait()
    assert ("again", (KIND,)) == (told.template, told.values)
    until(lambda: ["done"] == shop.sends(phone))


@pytest.mark.parametrize("when", WHEN)
def test_who_got_enough_marketing_gets_it_a_day_later(shop: HeldShop, when: str) -> None:
    """And is answered meanwhile."""
    phone = shop.phone()
    shop.standin.fail_next(131049, late=when == LATER)
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text
    shop.later(86_300)
    is_answered(shop)
    assert 1 == len(phone.inbox)
    shop.later(200)
    assert "again" == phone.wait()[0].template


@pytest.mark.parametrize("when", WHEN)
def test_what_never_stops_failing_is_given_up(shop: HeldShop, when: str) -> None:
    """Every attempt may cost money."""
    phone = shop.phone()
    begin = len(shop.standin.refusals)
    shop.standin.fail_next(131000, times=6, late=when == LATER)
    asks(phone)
    for n in range(1, 7):
        refused_so_far(shop, begin + n)
        if n < 6:
            until(lambda: is_owed_again(shop, phone))
            shop.later(200)
    until(lambda: shop.sends(phone) in (["failed"], ["done"]))
    if when == LATER:
        until(lambda: [("failed", 131000)] * 6 == shop.states(phone))
        shop.later(1_000)
    is_answered(shop)
    assert ["done" if when == LATER else "failed"] == shop.sends(phone)
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text


@pytest.mark.parametrize("http", [500, 502, 503, 504, 408, 425, 429])
def test_a_server_in_trouble_is_asked_again(shop: HeldShop, http: int) -> None:
    """A page of a gateway says not whether it was sent; what says nothing at all was not."""
    phone = shop.phone()
    begin = len(shop.standin.refusals)
    shop.standin.fail_next(0, http=http)
    asks(phone)
    refused_so_far(shop, begin + 1)
    is_answered(shop)
    shop.later(16, cut=True)
    until(lambda: phone.inbox or shop.sends(phone) == ["unsettled"])
    shop.later(61)
    assert KIND == phone.wait()[0].text
    assert 1 == len(phone.inbox)


def test_an_unknown_code_that_says_it_will_pass_is_tried_again(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.fail_next(987_654, transient=True)
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    shop.later(2)
    assert KIND == phone.wait()[0].text


def test_a_failure_may_be_told_before_our_request_returns(shop: HeldShop) -> None:
    phones = [shop.phone() for _ in range(10)]
    shop.standin.status_after = 0.0
    try:
        for phone in phones:
            shop.standin.fail_next(131000, late=True)
            asks(phone)
        for phone in phones:
            until(partial(is_owed_again, shop, phone))
        shop.later(6)
        for phone in phones:
            assert KIND == phone.wait()[0].text
    finally:
        shop.standin.status_after = 0.05


def test_a_status_that_is_told_again_does_not_stop_the_number_again(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.fail_next(131042, late=True)
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    shop.standin.settled()
    told = shop.standin.posted[-1]
    shop.later(61)
    phone.wait()
    assert 200 == shop.standin.post(told.body, headers=told.headers)
    is_answered(shop)


# -- the rows of the stand-in's table --------------------------------------------------------------


@pytest.mark.parametrize(
    "rule", [one for one in RULES if one.name != "mark"], ids=lambda one: one.name
)
def test_every_refusal_of_the_table_is_survived(shop: HeldShop, rule: Rule) -> None:
    """Whoever writes next is answered, the same person and another, as soon as the number sends."""
    phone = shop.phone()
    begin = len(shop.standin.refusals)
    shop.standin.fail_next(rule.code, http=rule.http, details=rule.when)
    asks(phone)
    refused_so_far(shop, begin + 1)
    assert rule.code == shop.standin.refusals[begin].code
    until(lambda: shop.sends(phone) in (["owed"], ["failed"], ["done"]))
    shop.later(700)
    is_answered(shop)
    seen = len(phone.inbox)
    phone.says("six rows")
    until(lambda: "Which colour?" in [one.text for one in phone.inbox])
    assert len(phone.inbox) <= seen + 2


def test_a_read_mark_that_is_refused_costs_nothing(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.fail_next(131009, of="mark")
    asks(phone)
    assert KIND == phone.wait()[0].text
    assert shop.standin.wait_for(lambda: shop.standin.refusals[-1].code == 131009)


def test_nobody_has_this_number(shop: HeldShop) -> None:
    """They wrote and left WhatsApp."""
    phone = shop.phone()
    update = phone.says("show samples", post=False)
    shop.standin.phones.remove(phone)
    shop.standin.deliver([update])
    until(lambda: ["failed"] == shop.sends(phone))
    assert (131026, "unknown person") == (
        shop.standin.refusals[-1].code,
        shop.standin.refusals[-1].rule,
    )
    is_answered(shop)


def test_too_many_in_a_second_go_a_moment_later(shop: HeldShop) -> None:
    phones = [shop.phone() for _ in range(6)]
    shop.standin.throughput.most = 9  # six came in
    shop.later(2)
    for phone in phones:
        asks(phone)
    shop.standin.settled()
    shop.rests()
    assert 130429 == shop.standin.refusals[-1].code
    while not all(phone.inbox for phone in phones):
        shop.later(30)
        shop.rests()
    assert [[KIND]] * 6 == [[one.text for one in phone.inbox] for phone in phones]


def test_the_pace_keeps_within_what_meta_takes(shop: HeldShop) -> None:
    """Twenty-five answers to one person: nothing is lost, nothing overtakes, nothing is refused."""
    phone = shop.phone()
    begin = len(shop.standin.refusals)
    for n in range(25):
        phone.says("hello")
        until(partial(owes, shop, phone, n + 1))
    until(lambda: is_owed_again(shop, phone))
    assert 10 == len(phone.inbox)
    while len(phone.inbox) < 25:
        came = len(phone.inbox)
        shop.later(6)
        until(partial(got_more_than, phone, came))
    said = [one.biz_opaque_callback_data for one in phone.inbox]
    assert [f"{id_}|1|1" for id_ in shop.effects(phone)] == said
    assert begin == len(shop.standin.refusals)


def test_who_got_too_much_gets_it_later_and_in_order(shop: HeldShop) -> None:
    """Another app writes to the same person, and Meta's allowance is gone before ours is."""
    phone = shop.phone()
    shop.standin.pair = PairRate(every=6_000, burst=2)
    begin = len(shop.standin.refusals)
    for n, text in enumerate(("show samples", "six rows")):
        phone.says(text)
        until(partial(got_more_than, phone, n))
    phone.says("white")
    until(lambda: len(shop.standin.refusals) > begin)
    assert 131056 == shop.standin.refusals[-1].code
    is_answered(shop)
    while len(phone.inbox) < 3:
        shop.later(2)
        until(lambda: not {"taken", "sending"} & set(shop.sends(phone)))
    assert [KIND, "Which colour?", "Thank you."] == [one.text for one in phone.inbox]


# -- nobody knows whether it went out --------------------------------------------------------------


@pytest.mark.parametrize("statuses", [("sent", "delivered"), ("delivered",), ("read",)])
def test_a_cut_answer_is_settled_by_the_status(shop: HeldShop, statuses: tuple[str, ...]) -> None:
    """And what follows does not wait for anything."""
    phone = shop.phone()
    shop.standin.statuses = statuses
    shop.standin.time_out_next(cut=True)
    asks(phone)
    until(lambda: ["done"] == shop.sends(phone))
    phone.says("six rows")
    assert [KIND, "Which colour?"] == [one.text for one in phone.wait(2)]
    shop.later(700)
    is_answered(shop)
    assert 2 == len(phone.inbox)


def test_a_cut_answer_without_a_status_is_sent_once_more_after_a_minute(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.statuses = ()
    shop.standin.time_out_next(cut=True)
    asks(phone)
    phone.wait()
    until(lambda: ["sending"] == shop.sends(phone))
    is_answered(shop)
    shop.later(16, cut=True)
    until(lambda: ["unsettled"] == shop.sends(phone))
    shop.later(59)
    is_answered(shop)
    assert 1 == len(phone.inbox)
    shop.later(2)
    assert KIND == phone.wait()[0].text
    until(lambda: ["done"] == shop.sends(phone))


def test_what_is_cut_twice_is_for_a_person_to_see(shop: HeldShop) -> None:
    """It is never sent a third time; the status that comes days later settles it."""
    phone = shop.phone()
    shop.standin.statuses = ()
    shop.standin.time_out_next(cut=True, times=2)
    asks(phone)
    for _ in range(2):
        phone.wait()
        until(lambda: ["sending"] == shop.sends(phone))
        shop.later(16, cut=True)
        until(lambda: ["unsettled"] == shop.sends(phone))
        shop.later(61)
    until(lambda: ["unknown"] == shop.sends(phone))
    phone.says("six rows")
    assert "Which colour?" == phone.wait()[0].text
    assert 3 == len(phone.inbox)
    shop.standin.statuses = ("sent", "delivered")
    phone.reads()
    until(lambda: ["done", "done"] == shop.sends(phone))


def test_a_provider_that_is_away_is_asked_again(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.down()
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    shop.standin.up()
    shop.later(4)
    assert KIND == phone.wait()[0].text


def test_a_person_who_takes_over_takes_back_what_was_not_sent(shop: HeldShop) -> None:
    phone = shop.phone()
    shop.standin.down()
    asks(phone)
    until(lambda: is_owed_again(shop, phone))
    shop.standin.up()
    shop.standin.echo(to=phone, text="I do this myself")
    shop.standin.settled()
    assert ["withdrawn"] == shop.sends(phone)
    shop.later(300)
    is_answered(shop)
    assert ["I do this myself"] == [one.text for one in phone.inbox]


# -- the window ------------------------------------------------------------------------------------


def test_a_day_later_a_person_of_the_business_writes_by_template(shop: HeldShop) -> None:
    phone = shop.phone()
    asks(phone)
    phone.wait()
    shop.later(24 * 3_600 + 1)
    begin = len(shop.standin.refusals)
    shop.operator(phone, "lines", text="Your order is here")
    (told,) = phone.wait()
    assert ("again", ("Your order is here",)) == (told.template, told.values)
    assert begin == len(shop.standin.refusals)
    phone.says("thank you")
    until(lambda: ("user", "thank you") == shop.lines(phone)[-1])
    shop.operator(phone, "lines", text="Shall I send it?")
    assert "Shall I send it?" == phone.wait()[0].text
