"""The account's two shops, as the service sends them: with columns that hold secrets.

What the shops sell belongs to `catalogue.py`.
"""

from __future__ import annotations

from sync_assets.sandbox.alleaves.store import Row

MAIN, SECOND = 1000, 1001
TIMEZONE = "America/Los_Angeles"
# Every secret-looking column of a location holds this text, so that a test can search all output for it.
SECRET_MARKER = "canary-do-not-store"  # noqa: S105
FLOOR, VAULT, DAMAGED, QUARANTINE = 11, 12, 13, 14
AREAS = {
    FLOOR: ("Sales Floor ", "Retail"),
    VAULT: ("Vault", "Storage"),
    DAMAGED: ("Damaged ", "Damaged"),
    QUARANTINE: ("Quarantine", "Quarantine"),
}


def location_rows() -> list[Row]:
    return [
        _location(MAIN, "Green Leaf Northgate", "12 Alder Street", "Northgate", "90210", True),
        _location(SECOND, "Green Leaf Saltmarsh", "7 Quay Road", "Saltmarsh", "90417", False),
    ]


def _location(number: int, name: str, address: str, city: str, postal_code: str, is_large: bool) -> Row:
    areas = [
        {
            "id_area": area,
            "id_parent": None,
            "name": title,
            "path": f"/{title}",
            "deleted": False,
            "returnable": is_sold,
        }
        for area, (title, kind) in AREAS.items()
        for is_sold in [kind == "Retail"]
    ]
    return {
        "id_location": number,
        "reference": f"GL-{number}",
        "location": name,
        "legal_name": "Green Leaf Collective LLC",
        "license": f"C10-00{number}-LIC",
        "address": address,
        "city": city,
        "state": "CA",
        "postal_code": postal_code,
        "country": "US",
        "phone": "(555) 010-0100" if is_large else "(555) 010-0101",
        "timezone": TIMEZONE,
        "retail": True,
        "pickup": True,
        "delivery": is_large,
        "curbside": None,
        "kiosk": None,
        "drive_through": None,
        "local_tax_percentage": 5.0,
        "active": True,
        "is_adult_use": True,
        "is_medical_use": is_large,
        "is_metrc": True,
        "date_created": "2023-02-01T17:00:00.000Z",
        "date_updated": "2025-01-15T18:30:00",
        "areas": areas,
        "metrc_api_key": f"{SECRET_MARKER}-metrc",
        "springbig_auth_token": f"{SECRET_MARKER}-springbig",
        "payment_client_id": f"{SECRET_MARKER}-payment-id",
        "payment_client_secret": f"{SECRET_MARKER}-payment-secret",
        "smtp_password": f"{SECRET_MARKER}-smtp",
        "printer_private_key": f"{SECRET_MARKER}-printer",
        "pin": f"{SECRET_MARKER}-pin",
        "created_by": "admin" if is_large else 3,
    }
