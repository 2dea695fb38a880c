from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_assets.transforms.contacts import (
    _read_phone,
    _read_usual_phones,
    mark_shared,
    read_emails,
    read_phones,
    read_zips,
    split_name,
)


def email(text: str | None) -> tuple[str | None, str]:
    emails, statuses = read_emails(pa.array([text], pa.string()))
    return emails.to_pylist()[0], statuses.to_pylist()[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("maelle@example.com", ("maelle@example.com", "valid")),
        ("  Maelle.Tissandre@Example.COM ", ("maelle.tissandre@example.com", "valid")),
        ("bad, odon@example.fr; second@example.fr", ("odon@example.fr", "valid")),
        ('"Odon B." <odon@example.fr>', ("odon@example.fr", "valid")),
        ("odon@example.fr/maelle@example.fr", ("odon@example.fr", "valid")),
        ("odon+vin@sub.example.co.uk", ("odon+vin@sub.example.co.uk", "valid")),
        ("maëlle@château.example.fr", ("maëlle@château.example.fr", "valid")),
        (None, (None, "missing")),
        ("   ", (None, "missing")),
        ("odon@example", (None, "invalid")),
        ("odon example.fr", (None, "invalid")),
        ("odon@@example.fr", (None, "invalid")),
        ("odon..b@example.fr", (None, "invalid")),
        ("odon@-example.fr", (None, "invalid")),
        ("odon@example.1", (None, "invalid")),
        ("anonyme@example.com", (None, "placeholder")),
        ("No-Email@example.com", (None, "placeholder")),
        ("sansmail@example.com", (None, "placeholder")),
        ("aucune@example.com", ("aucune@example.com", "valid")),
    ],
)
def test_emails(text: str | None, expected: tuple[str | None, str]) -> None:
    assert email(text) == expected


@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.emails())))
def test_an_email_is_there_exactly_when_it_is_valid(texts: list[str | None]) -> None:
    emails, statuses = read_emails(pa.array(texts, pa.string()))
    assert [value is not None for value in emails.to_pylist()] == [s == "valid" for s in statuses.to_pylist()]


def test_shared_means_two_holders() -> None:
    emails = pa.array(["a@b.fr", None, "c@d.fr", "a@b.fr", None])
    statuses = pa.array(["valid", "missing", "valid", "valid", "invalid"])
    assert mark_shared(emails, statuses).to_pylist() == ["shared", "missing", "valid", "shared", "invalid"]


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("06 39 98 00 11", "FR", "+33639980011"),
        ("06.39.98.00.11", "FR", "+33639980011"),
        ("06-39-98-00-11", "FR", "+33639980011"),
        ("+33 (0)6 39 98 00 11", "FR", "+33639980011"),
        ("+33 06 39 98 00 11", "FR", "+33639980011"),
        ("+33639980011", "CH", "+33639980011"),
        ("0033 6 39 98 00 11", "BE", "+33639980011"),
        ("639980011", "FR", "+33639980011"),
        ("01 99 00 12 34 / 06 39 98 00 11", "FR", "+33199001234"),
        ("01 99 00 12 34 ou 06 39 98 00 11", "FR", "+33199001234"),
        ("02 123 45 67", "BE", "+3221234567"),
        ("044 668 18 00", "CH", "+41446681800"),
        ("030 123456", "DE", "+4930123456"),
        ("06 1234567", "IT", "+39061234567"),
        ("(212) 555-0142", "US", "+12125550142"),
        ("01 99 00 00 25 (bureau)", "FR", "+33199000025"),
        ("01 99 00 00 25 poste 12", "FR", "+33199000025"),
        ("0199000025bureau", "FR", "+33199000025"),
        ("Jean : +41 44 668 18 00 (soir)", "FR", "+41446681800"),
        ("02 123 45 67 (bureau)", "BE", "+3221234567"),
        ("01 99 00 00 25 (Jean) 06 39 98 00 11 (Luc)", "FR", None),
        ("client depuis 1999 (bureau)", "FR", None),
        ("06 39 98 00 11 22 (bureau)", "FR", None),
        ("06 39 98 00", "FR", None),
        ("06 39 98 00 11 22", "FR", None),
        ("néant", "FR", None),
        ("-", "FR", None),
        ("+999 123456", "FR", None),
        ("12345", "BE", None),
        (None, "FR", None),
        (" ", "FR", None),
    ],
)
def test_phones(text: str | None, country: str, expected: str | None) -> None:
    assert read_phones(pa.array([text], pa.string()), pa.array([country])).to_pylist() == [expected]


@given(st.lists(st.text(max_size=20)))
def test_any_text_can_be_offered_as_a_phone(texts: list[str]) -> None:
    phones = read_phones(pa.array(texts, pa.string()), pa.array(["FR"] * len(texts), pa.string())).to_pylist()
    assert all(phone is None or (phone[0] == "+" and phone[1:].isascii() and phone[1:].isdigit()) for phone in phones)


written = st.from_regex(r"(\+|00)?(33|1)?(\(0\))?[0-9 .-]{6,16}", fullmatch=True)


@settings(max_examples=400)
@given(written, st.sampled_from(["FR", "US", "CA", "BE"]))
def test_the_short_way_and_the_library_agree(text: str, country: str) -> None:
    short = _read_usual_phones(pa.array([text.strip()]), pa.array([country])).to_pylist()[0]
    assert short is None or short == _read_phone(f"{country} {text.strip()}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TISSANDRE Maëlle", ("Maëlle", "TISSANDRE")),
        ("Maëlle TISSANDRE", ("Maëlle", "TISSANDRE")),
        ("Jean-Luc DE LA BRÈVE", ("Jean-Luc", "DE LA BRÈVE")),
        ("DE LA BRÈVE Jean Luc", ("Jean Luc", "DE LA BRÈVE")),
        ("Odon de La Brève", ("Odon", "de La Brève")),
        ("J. TISSANDRE", ("J.", "TISSANDRE")),
        ("MAËLLE TISSANDRE", ("MAËLLE", "TISSANDRE")),
        ("M. et Mme Verdelin", (None, "Verdelin")),
        ("Mme Maëlle Tissandre", ("Maëlle", "Tissandre")),
        ("Dr. Odon Verdelin", ("Odon", "Verdelin")),
        ("M-Odile Verdelin", ("M-Odile", "Verdelin")),
        ("Mathieu Verdelin", ("Mathieu", "Verdelin")),
        ("Verdelin", (None, "Verdelin")),
        ("Mme", (None, "Mme")),
        ("SARL Les Trois Ponts", (None, "SARL Les Trois Ponts")),
        ("Les Trois Ponts S.A.R.L.", (None, "Les Trois Ponts S.A.R.L.")),
        ("Hôtel des Trois Ponts", (None, "Hôtel des Trois Ponts")),
        ("CHATEAU Verdelin", (None, "CHATEAU Verdelin")),
        ("NA", (None, "NA")),
        ("None", (None, "None")),
        ("  Odon   Verdelin ", ("Odon", "Verdelin")),
    ],
)
def test_names(name: str, expected: tuple[str | None, str]) -> None:
    assert split_name(name) == expected


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("67000", "FR", ("67000", None)),
        ("67000.0", "FR", ("67000", "zip_repaired")),
        ("1000", "FR", ("01000", "zip_repaired")),
        ("1000.0", "FR", ("01000", "zip_repaired")),
        ("01000", "FR", ("01000", None)),
        ("2A004", "FR", ("2A004", None)),
        ("1000", "CH", ("1000", None)),
        ("1000", None, ("1000", "zip_suspect")),
        (" 1000 ", "BE", ("1000", None)),
        ("SW1A 1AA", "GB", ("SW1A 1AA", None)),
        (" ", "FR", (None, None)),
        (None, None, (None, None)),
    ],
)
def test_zips(text: str | None, country: str | None, expected: tuple[str | None, str | None]) -> None:
    zips, remarks = read_zips(pa.array([text], pa.string()), pa.array([country], pa.string()))
    assert (zips.to_pylist()[0], remarks.to_pylist()[0]) == expected
