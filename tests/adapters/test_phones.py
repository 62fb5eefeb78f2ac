"""One person, one number: however it was written, dialled or stored."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.phones import canonical, other_forms


@pytest.mark.parametrize(
    "written",
    [
        "081234567890",
        "81234567890",
        "6281234567890",
        "+6281234567890",
        "+62 812-3456-7890",
        "(0812) 3456.7890",
        "006281234567890",
        " 00 62 812 3456 7890 ",
        "6281234567890@c.us",
        "6281234567890@s.whatsapp.net",
        "6281234567890:12@s.whatsapp.net",
        "+٦٢٨١٢٣٤٥٦٧٨٩٠",
    ],
)
def test_a_number_has_one_form(written: str) -> None:
    """As it is dialled at home, from abroad, as WhatsApp writes it, and as people space it."""
    assert canonical(written, "ID") == "+6281234567890"


@pytest.mark.parametrize("region", ["", "BR", "US", "ID"])
def test_a_country_code_needs_no_region(region: str) -> None:
    """With or without its plus, where it is no number of the region."""
    assert canonical("+6281234567890", region) == "+6281234567890"
    assert canonical("6281234567890", region) == "+6281234567890"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "hello",
        "Hari 081234567890",
        "081234567890 or 081234567891",
        "12345",
        "0812",
        "++",
        "+",
        "A-1001",
        "203948570192837@lid",
        "120363040000000000@g.us",
        "ID.40718800512963",
        "0812345678901234567890",
        "+999123456789",
        "\0" * 9,
        "\ud800" * 9,
    ],
)
def test_what_is_no_number_has_no_form(written: str) -> None:
    """Text around it, two numbers, hidden ids and groups: the door says so."""
    assert canonical(written, "ID") is None


@pytest.mark.parametrize("region", ["", "XX", "nowhere"])
def test_a_number_of_no_region_has_no_form(region: str) -> None:
    """A 0 in front says nothing without a country."""
    assert canonical("081234567890", region) is None


def test_an_id_of_whatsapp_is_believed() -> None:
    """Tables of numbers are older than the newest numbers; who writes to us has one."""
    assert canonical("6299999999999@c.us", "ID") == "+6299999999999"


FORMS = [
    # Brazil: the 9 in front of mobile numbers, which began with 6 to 9.
    ("+5585988112233", "+558588112233"),
    ("+5511987654321", "+551187654321"),
    ("+5553984001122", "+555384001122"),
    # Mexico: the 1 of mobile numbers, until 2019.
    ("+525588776655", "+5215588776655"),
    ("+526649988776", "+5216649988776"),
    # Argentina: the 9 of mobile numbers from abroad.
    ("+541147778899", "+5491147778899"),
    ("+543515123456", "+5493515123456"),
    ("+542920421234", "+5492920421234"),
]


@pytest.mark.parametrize(("one", "other"), FORMS)
def test_a_number_may_be_stored_under_its_other_form(one: str, other: str) -> None:
    """Each finds the other in an address book."""
    assert other_forms(one) == (other,)
    assert other_forms(other) == (one,)


@pytest.mark.parametrize(("one", "other"), FORMS)
def test_an_outdated_form_stays_as_it_is(one: str, other: str) -> None:
    """It may be what WhatsApp knows somebody by: a door passes it on, and does not repair it."""
    assert canonical(one, "") == one
    assert canonical(other, "") == other
    assert canonical(other[1:] + "@c.us", "") == other


@pytest.mark.parametrize(
    "number",
    [
        "+551133334444",  # a landline of Brazil
        "+5521934567890",  # without its 9 it would be somebody's landline
        "+558000123456",  # a free number
        "+552012345678",  # no such area
        "+548009876543",
        "+54911123",
        "+52551234567",
        "+6281234567890",
        "5585988112233",
        "+5585988112233 ",
        "",
    ],
)
def test_other_numbers_have_one_form(number: str) -> None:
    """A landline, a free number, another country, and what is not E.164."""
    assert other_forms(number) == ()


@given(st.text(st.characters(exclude_categories=())), st.text(max_size=3))
def test_any_text_is_a_number_or_none(text: str, region: str) -> None:
    """A form that was found is found again in itself."""
    found = canonical(text, region)

    assert found is None or canonical(found, region) == found


@given(
    st.from_regex(r"\s*\+?[0-9 ().-]{6,20}", fullmatch=True), st.sampled_from(["ID", "BR", "MX"])
)
def test_the_form_of_a_form_is_itself(text: str, region: str) -> None:
    """Doors may stand one behind the other."""
    found = canonical(text, region)

    assert found is None or canonical(found, region) == found


def test_the_table_of_numbers_is_loaded_when_a_number_comes() -> None:
    """Programs that only look need not wait for it."""
    script = "import sys, adapters.phones as p; {}; print('phonenumbers' in sys.modules)"
    loaded = [
        subprocess.run(
            [sys.executable, "-c", script.format(call)], capture_output=True, text=True, check=True
        ).stdout.strip()
        for call in ("p.canonical('6281234567890@c.us', 'ID')", "p.canonical('0812345678', 'ID')")
    ]

    assert loaded == ["False", "True"]
