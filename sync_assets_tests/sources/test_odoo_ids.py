"""The list of all ids comes in several calls; half of it must never pass for the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from sync_assets.errors import SourceDataError
from sync_assets.sources.odoo import client as client_module
from sync_assets_tests.sources.odoo_support import TRANSPORTS, TableOdoo, result, scripted


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_ids_come_in_several_calls(monkeypatch: pytest.MonkeyPatch, transport: str, count: int) -> None:
    monkeypatch.setattr(client_module, "IDS_PER_CALL", 3)
    table = TableOdoo(transport, [{"id": 5 * n} for n in range(1, count + 1)])
    client, _ = scripted(transport, table)
    assert list(client.ids("res.partner")) == [5 * n for n in range(1, count + 1)]
    assert table.limits == [3] * (count // 3 + 1)


@pytest.mark.parametrize("answer", [[1, 2, 3], [3, 2, 1], "123", None, [1, "2", 3], [1, 2.5, 3], {"1": 2}])
def test_an_answer_that_is_no_list_of_ids_in_order_is_refused(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    """A server that gives the same page again and again would otherwise be read for ever."""
    monkeypatch.setattr(client_module, "IDS_PER_CALL", 3)

    def reply(model: str, method: str, named: Mapping[str, Any]) -> httpx.Response:
        return result("json2", answer)

    client, _ = scripted("json2", reply)
    with pytest.raises(SourceDataError) as caught:
        client.ids("res.partner")
    assert caught.value.code == "bad_answer"
