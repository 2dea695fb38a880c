"""Which fields of a source feed which canonical fields: how such a list is written, and which fields can be fed at all.

The lists themselves do not belong here; each `transforms/<source>` has its own. Canonical specification, section 6.
"""

from __future__ import annotations

# By canonical table the fields that a source may map; those with * are required.
FIELDS = {
    "product_catalog": (
        "*product_key *name category *list_price list_price_untaxed cost_price grape_varieties flavors vintage region "
        "volume_cl alcohol_percent total_acidity residual_sugar body tannins active last_updated"
    ),
    "customers": (
        "*customer_key *display_name first_name last_name is_company email phone mobile zip_code city country "
        "email_opt_out sms_opt_out phone_opt_out last_updated"
    ),
    "sales_lines": (
        "sale_line_key *customer_key source_partner_id *product_key *date_sale *quantity_units unit_label price_unit "
        "price_unit_untaxed *price_total price_total_untaxed cost_total order_id document_type channel notes"
    ),
    "stock_levels": "*product_key *warehouse *quantity_units unit_label reserved_qty last_count_date",
    "contact_history": (
        "*customer_key *date_contact *channel *campaign subject *status product_key_suggested response_details"
    ),
}
MAPPABLE = {table: tuple(text.replace("*", "").split()) for table, text in FIELDS.items()}
REQUIRED = {table: tuple(n[1:] for n in text.split() if n.startswith("*")) for table, text in FIELDS.items()}

# By canonical table and field, the raw fields `<table>.<field>` that feed it; one of them is enough.
Feeds = dict[str, dict[str, tuple[str, ...]]]


def read_feeds(text: str) -> Feeds:
    """Feeds from lines of `field raw_table.raw_field …` below a line with the canonical table's name.

    Raises ValueError for a table or field that is not mappable.

    >>> read_feeds('''
    ... customers
    ...     email  crm_people.mail crm_people.other_mail
    ... ''')
    {'customers': {'email': ('crm_people.mail', 'crm_people.other_mail')}}
    """
    feeds: Feeds = {}
    table = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        name, *sources = line.split()
        if not sources:
            table = name
            feeds[table] = {}
        elif name not in MAPPABLE.get(table, ()):
            raise ValueError(f"{table}.{name} is not a field that a source can map")
        else:
            feeds[table][name] = tuple(sources)
    return feeds
