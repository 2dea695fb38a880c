"""The page of the quality report: complete, self-contained, escaped, and in words that a shop owner understands."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from sync_assets.quality_page import render_quality_html
from sync_assets.quality_words import CODES
from sync_assets.transforms.quality import CODES as JUDGED
from sync_assets.transforms.quality import build_report
from sync_assets_tests.transforms.test_quality import hold

EVIL = "<script>alert('&')</script>"


def anomaly(**values: Any) -> dict[str, Any]:
    usual = {
        "table": "customers", "source": "isavigne", "column": "email", "code": "bad_email", "severity": "high",
        "count": 23, "examples": ["clients.csv:12"],
    }  # fmt: skip
    return usual | values


def page(*anomalies: dict[str, Any], name: str = "Maison Verdel", held: Any = None) -> str:
    tables = [hold("customers", rows=842), hold("stock_levels", rows=0)] if held is None else held
    return render_quality_html(
        build_report(tables, anomalies, org="verdel", name=name, as_of="2026-11-21T08:30:00+00:00")
    )


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))


def test_it_says_in_words_how_things_stand() -> None:
    told = words(page(anomaly(), anomaly(code="zip_suspect", severity="medium", count=1200, column="zip_code")))
    assert "21 November 2026, 08:30 UTC" in told
    assert "11 of 15 kinds of information are filled by your systems." in told
    assert "23 findings need attention; the worst come first below." in told
    assert (
        "Should be fixed E-mail address that cannot be used Customers : email iSaVigne 23 clients.csv:12"
        in told.replace("Customers:", "Customers :")
    )
    assert "Worth a look: 1,200" in told
    assert "Nothing stored yet: Stock (iSaVigne)." in told


def test_needed_information_that_is_missing_is_named() -> None:
    told = words(page(held=[hold("product_catalog", list_price=0)]))
    assert "Information that is needed is missing in: products." in told
    assert "price with tax needed" in told


def test_without_findings_it_says_so() -> None:
    told = words(page())
    assert "Nothing serious is wrong with the rows." in told
    assert "Nothing: every stored row could be understood." in told


def test_without_data_there_is_a_page_too() -> None:
    told = words(page(held=[]))
    assert "No data has been read yet, so there is nothing to judge." in told
    assert "At a glance" not in told


@pytest.mark.parametrize("place", ["name", "column", "code", "table", "source", "examples"])
def test_every_text_is_escaped(place: str) -> None:
    bad = anomaly(**({} if place == "name" else {place: [EVIL] if place == "examples" else EVIL}))
    html = page(bad, name=EVIL if place == "name" else "Maison Verdel")
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_it_needs_nothing_from_elsewhere() -> None:
    html = page(anomaly())
    assert not re.search(r"(\bsrc=|href|url\(|@import|https?:|<script|<link)", html)
    assert "default-src 'none'" in html


def test_the_markup_is_well_formed() -> None:
    html = page(anomaly(), anomaly(examples=["a", "b"], severity="low"))
    closed = re.sub(r"<(meta|br)([^>]*)>", r"<\1\2/>", html.removeprefix("<!doctype html>"))
    root = ElementTree.fromstring(closed)
    assert root.find(".//svg/circle") is not None
    bars = [float(bar.get("width", "0").rstrip("%")) for bar in root.iterfind(".//rect[@x]")]
    assert sum(bars) == pytest.approx(100, abs=0.01)


def test_every_judged_code_has_a_sentence() -> None:
    assert set(JUDGED) <= set(CODES)
