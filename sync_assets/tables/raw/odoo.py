"""The raw tables of Odoo: one per stream, one typed column per field, named as Odoo names it.

Mapping to the project's own terms does not belong here; it is in `transforms/`.
"""

from __future__ import annotations

from sync_assets.tables.ops import ORG
from sync_assets.tables.spec import Column, Table, field_columns

ID = Column("id", "integer", "Record id in Odoo")


def _odoo(
    name: str, model: str, what: str, fields: str, *, incremental: bool = False, personal: tuple[str, ...] = ()
) -> Table:
    """A raw Odoo table; the incremental ones keep a deleted record as a row with `deleted_at`."""
    tombstone = (
        (
            Column(
                "deleted_at", "timestamp", "When it was found deleted at the source; null while it lives", nullable=True
            ),
        )
        if incremental
        else ()
    )
    return Table(
        "raw",
        f"odoo_{name}",
        f"{what} (Odoo {model}).",
        ("org_id", "id"),
        (
            ORG,
            ID,
            *field_columns(fields, personal),
            Column("extra", "json", "Fields added by the setting extra_fields", nullable=True),
            Column("create_date", "timestamp", "Creation in Odoo, whole seconds", nullable=True),
            # A write in Odoo that changes nothing still moves write_date, so it does not count as content.
            Column("write_date", "timestamp", "Last write in Odoo, whole seconds", nullable=True, written="on_change"),
            *tombstone,
            Column("first_seen_at", "timestamp", "When this row was first landed", written="on_insert"),
            Column("fetched_at", "timestamp", "When this row was last inserted or changed", written="on_change"),
            Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
        ),
    )


ODOO_COMPANIES = _odoo(
    "companies",
    "res.company",
    "Companies of the Odoo database",
    """
    name text Company name
    partner_id integer Partner record of the company
    currency_id integer Currency of the company
    parent_id integer Parent company
    """,
)
ODOO_CURRENCIES = _odoo(
    "currencies",
    "res.currency",
    "Currencies, inactive ones too",
    """
    name text ISO code
    symbol text Symbol
    rounding number Smallest amount
    decimal_places integer Digits after the decimal mark
    active boolean False when archived
    """,
)
ODOO_CURRENCY_RATES = _odoo(
    "currency_rates",
    "res.currency.rate",
    "Exchange rates",
    """
    name date Day from which the rate holds
    rate rate Units of the currency per unit of the company currency
    currency_id integer Currency
    company_id integer Company, null for all
    """,
)
ODOO_COUNTRIES = _odoo(
    "countries",
    "res.country",
    "Countries",
    """
    name text Country name
    code text ISO 3166-1 code of two letters
    """,
)
ODOO_COUNTRY_STATES = _odoo(
    "country_states",
    "res.country.state",
    "States and provinces",
    """
    name text State name
    code text State code
    country_id integer Country
    """,
)
ODOO_USERS = _odoo(
    "users",
    "res.users",
    "Users, the salespeople among them",
    """
    login text Login name
    partner_id integer Partner that carries the user's name
    active boolean False when archived
    share boolean True for portal and public users
    company_id integer Default company
    """,
    personal=("login",),
)
ODOO_PARTNERS = _odoo(
    "partners",
    "res.partner",
    "Companies, their children (contacts, invoice and delivery addresses) and people, archived ones too",
    """
    name text Name; empty for many addresses
    parent_id integer Partner above
    commercial_partner_id integer Nearest company at or above the partner
    is_company boolean True for a company
    type text contact, invoice, delivery, other or private
    active boolean False when archived
    email text E-mail as typed
    phone text Phone as typed
    mobile text Mobile as typed; gone from Odoo 18.2
    street text Street
    street2 text Second street line
    zip text Postal code
    city text City
    state_id integer State
    country_id integer Country
    vat text Tax number
    ref text Internal reference
    lang text Language code
    user_id integer Salesperson
    company_id integer Company, null for all
    customer_rank integer Above 0 for a customer
    supplier_rank integer Above 0 for a supplier
    category_id integer_list Tags
    """,
    incremental=True,
    personal=("name", "email", "phone", "mobile", "street", "street2", "zip", "city", "vat"),
)
ODOO_PRODUCT_TEMPLATES = _odoo(
    "product_templates",
    "product.template",
    "Products as sold: what all variants of one product share",
    """
    name text Product name
    list_price number Sale price in the company currency
    categ_id integer Category
    type text Product type as the version names it
    is_storable boolean True when stock is kept
    uom_id integer Own unit of measure
    active boolean False when archived
    sale_ok boolean True when it can be sold
    company_id integer Company, null for all
    """,
    incremental=True,
)
ODOO_PRODUCTS = _odoo(
    "products",
    "product.product",
    "Product variants: what order lines and stock point at",
    """
    product_tmpl_id integer Template
    default_code text Internal reference (SKU)
    barcode text Barcode
    active boolean False when archived
    combination_indices text Attribute values that make the variant
    """,
    incremental=True,
)
ODOO_PRODUCT_COSTS = Table(
    "raw",
    "odoo_product_costs",
    "Cost of each product variant in each company (Odoo product.product standard_price).",
    ("org_id", "id", "company_id"),
    (
        ORG,
        Column("id", "integer", "Product variant id in Odoo"),
        Column("company_id", "integer", "Company the cost belongs to"),
        Column("standard_price", "number", "Cost in the company currency", nullable=True),
        Column("first_seen_at", "timestamp", "When this row was first landed", written="on_insert"),
        Column("fetched_at", "timestamp", "When this row was last inserted or changed", written="on_change"),
        Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
    ),
)
ODOO_PRODUCT_CATEGORIES = _odoo(
    "product_categories",
    "product.category",
    "Product categories",
    """
    name text Category name
    complete_name text Path of names from the top
    parent_id integer Category above
    """,
)
ODOO_SALE_ORDERS = _odoo(
    "sale_orders",
    "sale.order",
    "Sale orders and quotations",
    """
    name text Order number
    state text draft, sent, sale, cancel; done up to Odoo 16
    locked boolean True when locked against changes
    date_order timestamp Confirmation time of a confirmed order, else creation
    partner_id integer Customer, any member of a family
    partner_invoice_id integer Invoice address
    partner_shipping_id integer Delivery address
    company_id integer Selling company
    currency_id integer Currency of the amounts
    currency_rate rate Company currency to order currency
    amount_untaxed number Total without tax
    amount_tax number Tax
    amount_total number Total with tax
    user_id integer Salesperson of the order
    team_id integer Sales team
    client_order_ref text Customer's own reference
    origin text Source document
    pricelist_id integer Price list
    invoice_status text Invoicing state
    """,
    incremental=True,
)
ODOO_SALE_ORDER_LINES = _odoo(
    "sale_order_lines",
    "sale.order.line",
    "Lines of sale orders and quotations",
    """
    order_id integer Order
    product_id integer Product variant; empty for sections and notes
    name text Description
    display_type text line_section, line_subsection or line_note; empty for a product line
    is_downpayment boolean True for a down payment
    product_uom_qty number Ordered quantity in the line's unit
    qty_delivered number Delivered quantity
    qty_invoiced number Invoiced quantity
    uom_id integer Unit of the line (product_uom, product_uom_id)
    tax_ids integer_list Taxes (tax_id, tax_ids)
    price_unit number Unit price before discount
    discount number Discount in percent
    price_subtotal number Line total without tax
    price_tax number Tax of the line
    price_total number Line total with tax
    sequence integer Position in the order
    company_id integer Company
    currency_id integer Currency of the amounts
    """,
    incremental=True,
)
ODOO_WAREHOUSES = _odoo(
    "warehouses",
    "stock.warehouse",
    "Warehouses",
    """
    name text Warehouse name
    code text Short code
    active boolean False when archived
    company_id integer Company
    partner_id integer Address
    view_location_id integer Location above all of the warehouse's locations
    lot_stock_id integer Main stock location
    """,
)
ODOO_LOCATIONS = _odoo(
    "locations",
    "stock.location",
    "Stock locations",
    """
    name text Location name
    complete_name text Path of names
    usage text internal counts as stock; also view, supplier, customer, inventory, production, transit
    active boolean False when archived
    location_id integer Location above
    parent_path text Path of ids from the top
    company_id integer Company, null for all
    """,
)
ODOO_QUANTS = _odoo(
    "quants",
    "stock.quant",
    "Stock on hand per product, location, lot, package and owner",
    """
    product_id integer Product variant
    location_id integer Location
    lot_id integer Lot or serial number
    package_id integer Package
    owner_id integer Owner, when not the company
    quantity number Quantity in the product's own unit
    reserved_quantity number Quantity reserved for outgoing moves
    in_date timestamp Incoming date
    company_id integer Company
    """,
)
ODOO_UOMS = _odoo(
    "uoms",
    "uom.uom",
    "Units of measure",
    """
    name text Unit name
    factor number With category_id: units of this per reference unit; without: reference units in one of this
    rounding number Smallest quantity
    active boolean False when archived
    category_id integer Category of comparable units; gone from Odoo 18.2
    relative_factor number Size in units of relative_uom_id; from Odoo 18.2
    relative_uom_id integer Unit it is relative to; from Odoo 18.2
    """,
)

ODOO_TABLES: tuple[Table, ...] = (
    ODOO_COMPANIES,
    ODOO_CURRENCIES,
    ODOO_CURRENCY_RATES,
    ODOO_COUNTRIES,
    ODOO_COUNTRY_STATES,
    ODOO_USERS,
    ODOO_PARTNERS,
    ODOO_PRODUCT_TEMPLATES,
    ODOO_PRODUCTS,
    ODOO_PRODUCT_COSTS,
    ODOO_PRODUCT_CATEGORIES,
    ODOO_SALE_ORDERS,
    ODOO_SALE_ORDER_LINES,
    ODOO_WAREHOUSES,
    ODOO_LOCATIONS,
    ODOO_QUANTS,
    ODOO_UOMS,
)
