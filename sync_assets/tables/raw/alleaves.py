"""The raw tables of Alleaves: what the point of sale sent, typed and named as in its specification.

Matching orders to customers and computing prices do not belong here; both are done anew on every run in `transforms/`.
"""

from __future__ import annotations

from sync_assets.tables.ops import ORG
from sync_assets.tables.spec import Column, Table, field_columns

LOCATION_ID = Column("location_id", "text", "Location the row belongs to")
BOOKS = (
    Column("first_seen_at", "timestamp", "When this row was first landed", written="on_insert"),
    Column("fetched_at", "timestamp", "When this row was last inserted or changed", written="on_change"),
    Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
)
PAYLOAD = Column("payload", "json", "Row as received, without secrets and birth dates", nullable=True, personal=True)
EMAIL_STATUSES = ("real", "shared", "placeholder", "missing", "invalid")
ORDER_STATUSES = (
    "pending", "confirmed", "preparing", "ready", "packed", "completed", "cancelled", "void", "unknown",
)  # fmt: skip
ORDER_TYPES = ("in_store", "delivery", "pickup")

ALLEAVES_LOCATIONS = Table(
    "raw",
    "alleaves_locations",
    "Locations of the account: the white-listed columns only, since the received object carries secrets.",
    ("org_id", "location_id"),
    (
        ORG,
        Column("location_id", "text", "Id of the location"),
        *field_columns(
            """
            reference text Reference of the location
            location text Name
            legal_name text Legal name
            license text Licence number
            address text Street and number
            city text City
            state text State
            postal_code text Postal code
            country text Country as received
            phone text Phone of the shop
            timezone text Time zone, IANA name
            retail boolean Sells in the shop
            pickup boolean Offers pickup
            delivery boolean Delivers
            curbside boolean Hands over at the kerb
            kiosk boolean Has a kiosk
            drive_through boolean Has a drive-through
            local_tax_percentage number Local tax, percent
            active boolean Active at the source
            is_adult_use boolean Sells for adult use
            is_medical_use boolean Sells for medical use
            is_metrc boolean Reports to Metrc
            date_created timestamp Creation at the source
            date_updated timestamp Last change at the source
            areas json Areas: id_area, id_parent, name, path, deleted, returnable
            """
        ),
        *BOOKS,
    ),
)

ALLEAVES_CUSTOMERS = Table(
    "raw",
    "alleaves_customers",
    "Customers of the account; one that a later list leaves out stays.",
    ("org_id", "customer_id"),
    (
        ORG,
        Column("customer_id", "text", "Id of the customer"),
        *field_columns(
            """
            user_id text Second id that orders may carry
            first_name text First name; null for a guest
            last_name text Last name; null for a guest
            display_name text Names joined, else the full name received
            """,
            personal=("first_name", "last_name", "display_name"),
        ),
        Column("is_guest", "boolean", "True when a name says guest"),
        Column(
            "email", "text", "Lower case; null when a placeholder, missing or invalid", nullable=True, personal=True
        ),
        Column("email_raw", "text", "E-mail as received", nullable=True, personal=True),
        Column("email_status", "text", "What is known about the e-mail", allowed=EMAIL_STATUSES),
        *field_columns(
            """
            phone text Phone as typed
            phone_last10 text Its last ten digits
            city text City
            state text State
            birth_date date Birth date; only with keep_birth_date
            """,
            personal=("phone", "phone_last10", "city", "birth_date"),
        ),
        Column("loyalty_points", "money", "Loyalty points; 0 when not given", default="0"),
        *field_columns(
            """
            external_loyalty json Codes of external loyalty programmes
            created_at timestamp Creation at the source
            reported_totals json Totals as the source reports them; for comparison only
            """
        ),
        PAYLOAD,
        Column(
            "last_seen_at",
            "timestamp",
            "When the customer was last listed; null while the latest complete list has it",
            nullable=True,
        ),
        *BOOKS,
    ),
    indexes=(("org_id", "email"),),
)

ALLEAVES_ORDERS = Table(
    "raw",
    "alleaves_orders",
    "Every order received, matched to a customer or not; orders accumulate and are never deleted.",
    ("org_id", "order_id"),
    (
        ORG,
        Column("order_id", "text", "Id of the order"),
        *field_columns(
            """
            external_id text Id in another system
            location_id text Location that sold
            customer_ref text Customer id as written on the order
            user_ref text Second customer id as written on the order
            email text E-mail, lower case; null when a placeholder, missing or invalid
            phone text Phone as typed
            customer_name text Name as given
            created_at timestamp Time of the order
            updated_at timestamp Last change at the source
            """,
            personal=("email", "phone", "customer_name"),
        ),
        Column("status", "text", "Status by flags, then by word", allowed=ORDER_STATUSES),
        *field_columns(
            """
            status_raw text Status word as received
            status_id text Status id as received
            void_reason text Reason of a void
            paid_in_full boolean Paid in full
            """
        ),
        Column("currency", "text", "ISO code, by setting"),
        Column("type", "text", "Kind of sale", nullable=True, allowed=ORDER_TYPES),
        *field_columns(
            """
            subtotal money Before tax and discount
            tax money Tax
            discount money Discount
            delivery_fee money Delivery fee
            loyalty_discount money Discount paid with loyalty points
            total money After discount, with tax; null when not given
            """
        ),
        PAYLOAD,
        *BOOKS,
    ),
    indexes=(("org_id", "created_at"),),
)

ALLEAVES_ORDER_LINES = Table(
    "raw",
    "alleaves_order_lines",
    "Lines of the orders; the lines of an order are replaced as a set.",
    ("org_id", "order_id", "line_no"),
    (
        ORG,
        Column("order_id", "text", "Order of the line"),
        Column("line_no", "integer", "Position in the order, from 1", minimum=1),
        *field_columns(
            """
            line_id text Id of the line
            inventory_item_id text Item, when the line names it as such
            item_id text Item or line id; an item only when its name agrees
            product_name text Product as named on the line
            category text Category as named on the line
            quantity quantity Quantity
            unit_price money Price per unit
            line_total money Total of the line
            """
        ),
        Column("fetched_at", "timestamp", "When this row was last inserted or changed", written="on_change"),
        Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
    ),
)

ALLEAVES_INVENTORY = Table(
    "raw",
    "alleaves_inventory",
    "Stock of a location by item, batch and area; the rows of a location are replaced as a set.",
    ("org_id", "location_id", "item_id", "batch_id", "area_id"),
    (
        ORG,
        LOCATION_ID,
        Column("item_id", "text", "Item"),
        Column("batch_id", "text", "Batch; - when not given"),
        Column("area_id", "text", "Area; - when not given"),
        *field_columns(
            """
            name text Item name
            batch text Batch name
            package_label text Metrc package label
            area text Area name
            area_type text Kind of area
            brand text Brand
            vendor text Vendor
            category text First part of the category path
            subcategory text Second part of the category path
            price_retail_adult money Price before tax, adult use; null when not set
            price_retail_medical money Price before tax, medical use; null when not set
            price_retail_generic money Price before tax, general; null when not set
            price_otd_adult money Price with tax, adult use; null when not set
            price_otd_medical money Price with tax, medical use; null when not set
            price_otd_generic money Price with tax, general; null when not set
            cost number Cost per unit, 4 decimals; null when unknown
            cost_source text item or batch
            quantity_on_hand quantity On hand
            quantity_available quantity On hand and not reserved
            thc_percent number THC, percent
            cbd_percent number CBD, percent
            strain text Strain as given
            received_at timestamp When the batch was received
            expires_on date Expiry date
            updated_at timestamp Last change at the source
            is_cannabis boolean Cannabis product
            is_adult_use boolean For adult use
            is_product boolean A product for sale
            qc_hold boolean Held by quality control
            deleted boolean Deleted at the source
            has_inventory boolean Has inventory
            is_available boolean Sale flag of the documented dialect
            """
        ),
        PAYLOAD,
        *BOOKS,
    ),
)

ALLEAVES_TABLES: tuple[Table, ...] = (
    ALLEAVES_LOCATIONS,
    ALLEAVES_CUSTOMERS,
    ALLEAVES_ORDERS,
    ALLEAVES_ORDER_LINES,
    ALLEAVES_INVENTORY,
)
