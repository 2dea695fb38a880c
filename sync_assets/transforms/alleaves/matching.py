"""Whose order it is: Alleaves orders to customers by id, second id, then an e-mail that is nobody else's.

What becomes of an order without a customer does not belong here; see `orders.py`. Alleaves specification, section 2.3.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.transforms.columns import NO_TEXT, is_true, look_up, only_if, to_arrow

WALK_IN = "no_customer_reference"
# In the order of the specification; a walk-in is expected, the others are errors.
UNMATCHED = (WALK_IN, "unknown_customer_id", "ambiguous_email", "unknown_email", "unknown_id_and_email")


def match_orders(orders: pd.DataFrame | pa.Table, customers: pd.DataFrame | pa.Table) -> pa.Table:
    """Customer id and how it was found, else the reason why there is none: one row per order, in the order given.

    Columns: order_id, customer_id, match_method, unmatched_reason. Either of the last two is null.
    """
    sold, people = to_arrow(orders), to_arrow(customers)
    ids = people["customer_id"]
    by_id = look_up(sold["customer_ref"], ids, ids)
    by_second_id = pc.coalesce(_by_sole_holder(sold["user_ref"], people["user_id"], ids), _known(sold["user_ref"], ids))
    is_real = pc.equal(people["email_status"], "real")
    by_email = look_up(sold["email"], *_sole_holders(people["email"], ids, is_real))
    method = pc.coalesce(
        _where_found(by_id, "customer_id"), _where_found(by_second_id, "user_id"), _where_found(by_email, "email")
    )
    return pa.table(
        {
            "order_id": sold["order_id"],
            "customer_id": pc.coalesce(by_id, by_second_id, by_email),
            "match_method": method,
            "unmatched_reason": only_if(pc.is_null(method), _reasons(sold, people)),
        }
    )


def _known(refs: Any, ids: Any) -> Any:
    return look_up(refs, ids, ids)


def _by_sole_holder(refs: Any, values: Any, ids: Any) -> Any:
    return look_up(refs, *_sole_holders(values, ids))


def _sole_holders(values: Any, ids: Any, may_match: Any = None) -> tuple[Any, Any]:
    """The values that exactly one customer has, and that customer's id; only where `may_match` holds, if given."""
    counted = pc.value_counts(values.drop_null())
    sole = counted.field("values").filter(pc.equal(counted.field("counts"), 1))
    is_sole = pc.is_in(values, value_set=sole, skip_nulls=True)
    if may_match is not None:
        is_sole = pc.and_(is_sole, is_true(may_match))
    return values.filter(is_sole), ids.filter(is_sole)


def _where_found(found: Any, method: str) -> Any:
    return pc.if_else(pc.is_valid(found), method, NO_TEXT)


def _reasons(orders: pa.Table, customers: pa.Table) -> Any:
    """Rows 4 to 8 of the specification, for every order; they hold only for those without a customer."""
    has_reference = pc.or_(pc.is_valid(orders["customer_ref"]), pc.is_valid(orders["user_ref"]))
    has_email = pc.is_valid(orders["email"])
    is_held = pc.is_in(orders["email"], value_set=customers["email"], skip_nulls=True)
    without_email = pc.if_else(has_reference, "unknown_customer_id", WALK_IN)
    unknown = pc.if_else(has_reference, "unknown_id_and_email", "unknown_email")
    return pc.if_else(has_email, pc.if_else(is_held, "ambiguous_email", unknown), without_email)
