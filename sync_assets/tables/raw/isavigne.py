"""The raw tables of iSaVigne: one manifest row per file, and every accepted row of every file, as received and typed.

Which of several deliveries of a record stands does not belong here; `transforms/isavigne/standing.py` decides it anew.
"""

from __future__ import annotations

from sync_assets.tables.canonical import CONTACT_CHANNELS, CONTACT_STATUSES
from sync_assets.tables.ops import ORG
from sync_assets.tables.spec import Column, Table, field_columns

KINDS = ("produits", "clients", "ventes", "stock", "contacts")
FILE_STATUSES = ("ok", "empty", "failed")
EMAIL_STATUSES = ("valid", "missing", "invalid", "placeholder")
DOCUMENT_TYPES = ("invoice", "receipt", "credit_note", "order")

FILE_HASH = Column("file_hash", "text", "SHA-256 of the bytes of the file")
EFFECTIVE_DATE = Column("effective_date", "date", "Date in the file name, else the day of its last change")
BOOKS = (
    Column("first_seen_at", "timestamp", "When this row was first landed", written="on_insert"),
    Column("fetched_at", "timestamp", "When this row was last inserted or changed", written="on_change"),
    Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
)

ISAVIGNE_FILES = Table(
    "raw",
    "isavigne_files",
    "One row per file of an export folder and kind: what it was, how it was read, and how that ended.",
    ("org_id", "kind", "file_hash"),
    (
        ORG,
        Column("kind", "text", "What the file holds", allowed=KINDS),
        FILE_HASH,
        Column("name", "text", "File name when it was last read"),
        Column("size_bytes", "integer", "Size in bytes"),
        Column("modified_at", "timestamp", "Last change of the file"),
        EFFECTIVE_DATE,
        Column("encoding", "text", "Encoding used; null for a workbook or an undecodable file", nullable=True),
        Column("delimiter", "text", "Delimiter used; null for a workbook", nullable=True),
        Column("header_row", "integer", "Row of the header, the first line is 1", nullable=True),
        Column(
            "dialect", "text", "Dialect of the column names, where they say it", nullable=True, allowed=tuple("ABC")
        ),
        Column("unknown_columns", "text_list", "Columns of the header that are not read"),
        Column("rows", "integer", "Rows below the header that are not blank"),
        Column("accepted", "integer", "Rows that could be read; they are landed unless the file failed"),
        Column("rejected", "integer", "Rows that could not be read"),
        Column("skipped", "integer", "Rows left out on purpose; rows = accepted + rejected + skipped"),
        Column("counts", "json", "Rows by code of what is only counted"),
        Column("warnings", "integer", "Findings that did not stop a row"),
        Column("status", "text", "How the reading ended", allowed=FILE_STATUSES),
        Column("read_with", "text", "Hash of the settings and the code that read it", nullable=True),
        Column("code", "text", "Why it failed or is empty", nullable=True),
        Column("message", "text", "One sentence about the code", nullable=True),
        Column("processed_at", "timestamp", "When it was last read", written="on_change"),
        Column("run_id", "text", "Run that last inserted or changed this row", written="on_change"),
    ),
)


def _rows(name: str, what: str, *columns: Column) -> Table:
    return Table(
        "raw",
        f"isavigne_{name}",
        what,
        ("org_id", "file_hash", "row_number"),
        (
            ORG,
            FILE_HASH,
            Column("row_number", "integer", "Line of the file on which the row begins, the first line is 1", minimum=1),
            EFFECTIVE_DATE,
            Column("record_key", "text", "Key of the record; several rows may carry the same"),
            *columns,
            Column("cells", "json", "Cells as received, by column name", personal=True),
            *BOOKS,
        ),
        indexes=(("org_id", "record_key"),),
    )


ISAVIGNE_CLIENTS = _rows(
    "clients",
    "Rows of client files.",
    Column("client_code", "text", "Code of the client"),
    *field_columns(
        """
        display_name text Name as given
        first_name text First name
        last_name text Last name, or the whole name of a company
        """,
        personal=("display_name", "first_name", "last_name"),
    ),
    Column("is_company", "boolean", "True when the name says so"),
    Column("email", "text", "Lower case; null unless valid", nullable=True, personal=True),
    Column("email_status", "text", "What is known about the e-mail", allowed=EMAIL_STATUSES),
    *field_columns(
        """
        phone text Phone, E.164
        mobile text Mobile phone, E.164
        zip_code text Postal code
        city text City
        """,
        personal=("phone", "mobile", "zip_code", "city"),
    ),
    Column("country", "text", "ISO 3166-1 code, FR when blank; null when unknown", nullable=True),
    Column("email_opt_out", "boolean", "Wants no e-mail"),
    Column("sms_opt_out", "boolean", "Wants no text messages"),
    Column("phone_opt_out", "boolean", "Wants no calls"),
)

ISAVIGNE_PRODUITS = _rows(
    "produits",
    "Rows of product files.",
    Column("product_key", "text", "Code of the product, the merchant's SKU"),
    Column("name", "text", "Name; the code when blank"),
    *field_columns(
        """
        list_price money Sale price with tax
        list_price_untaxed money Sale price without tax
        cost_price money Purchase cost without tax; null when 0
        source_category text Colour, else families and category, as received
        """
    ),
    Column("grape_varieties", "text_list", "Grapes in the order given"),
    *field_columns(
        """
        vintage integer Year; null without vintage
        region text Region or appellation
        format text Content of one unit, as written
        active boolean False when the file says so
        """
    ),
)

ISAVIGNE_VENTES = _rows(
    "ventes",
    "Rows of sales files that are sales; the key of the record is the sale_line_key.",
    *field_columns(
        """
        client_code text Code of the client; null for an anonymous sale
        product_key text Code of the product
        product_label text Name of the product
        """
    ),
    Column("date_sale", "timestamp", "Date of the document; midnight in the organisation's time zone without a time"),
    Column("quantity", "quantity", "Quantity as sold, negative for a return"),
    *field_columns(
        """
        unit_label text Unit as written
        price_unit money Price per sold unit with tax, after discount
        price_unit_untaxed money Price per sold unit without tax, after discount
        price_total money Total with tax, signed
        price_total_untaxed money Total without tax, signed
        vat_rate percent VAT rate of the row, percent
        """
    ),
    Column("document_type", "text", "Kind of document", allowed=DOCUMENT_TYPES),
    *field_columns(
        """
        document_no text Number of the document
        line_no text Number of the line
        channel text Channel as written
        """
    ),
)

ISAVIGNE_STOCK = _rows(
    "stock",
    "Rows of stock files: one product in one depot at one time.",
    Column("product_key", "text", "Code of the product"),
    Column("depot", "text", "Depot as written; Principal when blank"),
    Column("warehouse", "text", "Depot as part of a key: upper case, no accents"),
    Column("quantity", "quantity", "Quantity; 0 is a value"),
    Column("unit_label", "text", "Unit as written", nullable=True),
    Column("reserved_qty", "quantity", "Reserved; 0 when not given"),
    Column("counted_at", "timestamp", "Date in the row, else the effective date of the file"),
)

ISAVIGNE_CONTACTS = _rows(
    "contacts",
    "Rows of contact files: one event of one contact.",
    Column("client_code", "text", "Code of the client"),
    Column("date_contact", "timestamp", "When it happened"),
    Column("campaign", "text", "Campaign", nullable=True),
    Column("channel", "text", "Channel; direct when not given", allowed=CONTACT_CHANNELS),
    Column("status", "text", "What happened", allowed=CONTACT_STATUSES),
    *field_columns(
        """
        subject text Subject
        product_key_suggested text Product that was proposed
        response_details text Answer of the client
        """
    ),
)

ROWS_OF = {
    "produits": ISAVIGNE_PRODUITS,
    "clients": ISAVIGNE_CLIENTS,
    "ventes": ISAVIGNE_VENTES,
    "stock": ISAVIGNE_STOCK,
    "contacts": ISAVIGNE_CONTACTS,
}
ISAVIGNE_TABLES: tuple[Table, ...] = (ISAVIGNE_FILES, *ROWS_OF.values())

# Other names of this module are those of other sources too.
__all__ = [
    "ISAVIGNE_CLIENTS",
    "ISAVIGNE_CONTACTS",
    "ISAVIGNE_FILES",
    "ISAVIGNE_PRODUITS",
    "ISAVIGNE_STOCK",
    "ISAVIGNE_TABLES",
    "ISAVIGNE_VENTES",
]
