"""Invented iSaVigne exports: one small folder per case that reading must get right, and a clean demo delivery.

Reading them does not belong here. `python -m sync_assets.sandbox.isavigne` writes them to data/isavigne.
"""

from __future__ import annotations

from sync_assets.sandbox.isavigne.client_cases import client_cases
from sync_assets.sandbox.isavigne.demo import demo_delivery
from sync_assets.sandbox.isavigne.file_cases import file_cases
from sync_assets.sandbox.isavigne.other_cases import other_cases
from sync_assets.sandbox.isavigne.product_cases import product_cases
from sync_assets.sandbox.isavigne.sale_cases import sale_cases


def all_samples() -> dict[str, bytes]:
    """Content of every sample file by its path below data/isavigne."""
    cases = {**file_cases(), **client_cases(), **product_cases(), **sale_cases(), **other_cases()}
    files = {f"cases/{folder}/{name}": content for folder, found in cases.items() for name, content in found.items()}
    return files | {f"maison-verdel/{name}": content for name, content in demo_delivery().items()}
