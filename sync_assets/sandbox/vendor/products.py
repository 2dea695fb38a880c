"""What the trading partner holds: its products, and every write that was applied to them, in order.

Which writes are allowed and what they answer belongs to `rules.py`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Variant:
    """One variant of a product. `attributes` is name to value."""

    id: int
    default_code: str
    quantity: float = 0
    price: float = 0
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Product:
    """One product; `variants` by SKU is empty in mode v1. The times are None for one that a test put there."""

    id: int
    name: str
    default_code: str
    quantity: float = 0
    price: float = 0
    variants: dict[str, Variant] = field(default_factory=dict)
    created_at: datetime | None = None
    written_at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """One applied write: by which call (numbers rise as calls arrive), when, and what the product held afterwards.

    `quantities` and `prices` are those of the variants by SKU, of the product itself in mode v1.
    """

    call: int
    at: datetime
    action: str
    product_id: int
    default_code: str
    name: str
    quantity: float
    price: float
    quantities: dict[str, float]
    prices: dict[str, float]


class Products:
    """The products by SKU, changed under `lock`, and the `history` of what calls changed.

    With `is_unique` a SKU is given once, as the vendor API promises; without, a second create makes a second product.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.is_unique = True
        self.all: list[Product] = []
        self.history: list[Change] = []
        self._last_id = 1000

    def __getitem__(self, sku: str) -> Product:
        found = self.find(sku)
        if found is None:
            raise KeyError(sku)
        return found

    def __contains__(self, sku: str) -> bool:
        return self.find(sku) is not None

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            return iter(list(dict.fromkeys(product.default_code for product in self.all)))

    def __len__(self) -> int:
        return len(self.all)

    def find(self, sku: str) -> Product | None:
        """The first product of that SKU; a variant's SKU finds nothing unless it is the product's own."""
        with self.lock:
            return next((product for product in self.all if product.default_code == sku), None)

    def holder(self, sku: str) -> Product | None:
        """The product that has the SKU itself or as one of its variants."""
        with self.lock:
            return next((p for p in self.all if p.default_code == sku or sku in p.variants), None)

    def put(self, sku: str, name: str = "", quantity: float = 0, price: float = 0) -> Product:
        """A new product as if somebody had typed it in; the history does not know it."""
        with self.lock:
            product = Product(self.next_id(), name or f"Product {sku}", sku, quantity, price)
            self.all.append(product)
            return product

    def remove(self, sku: str) -> None:
        """Takes all products of that SKU away, as if somebody had archived them."""
        with self.lock:
            self.all = [product for product in self.all if product.default_code != sku]

    def clear(self) -> None:
        with self.lock:
            self.all.clear()
            self.history.clear()

    def next_id(self) -> int:
        with self.lock:
            self._last_id += 1
            return self._last_id

    def note(self, call: int, at: datetime, action: str, product: Product) -> None:
        """Writes one applied write of a call down."""
        parts = _parts(product)
        with self.lock:
            product.written_at = at
            self.history.append(
                Change(
                    call,
                    at,
                    action,
                    product.id,
                    product.default_code,
                    product.name,
                    product.quantity,
                    product.price,
                    {part.default_code: part.quantity for part in parts},
                    {part.default_code: part.price for part in parts},
                )
            )

    def quantities(self) -> dict[str, float]:
        """Every SKU with the quantity held now: variants' own, else the product's."""
        with self.lock:
            return {part.default_code: part.quantity for product in self.all for part in _parts(product)}

    def history_of(self, sku: str) -> list[Change]:
        """The applied writes that concern a SKU, oldest first."""
        with self.lock:
            return [change for change in self.history if sku in (change.default_code, *change.quantities)]

    def twice(self) -> list[str]:
        """The SKUs that more than one product or variant has; empty when no product came into being twice."""
        with self.lock:
            counts = Counter(part.default_code for product in self.all for part in _parts(product))
            return sorted(sku for sku, count in counts.items() if count > 1)

    def overtaken(self) -> list[Change]:
        """The writes applied after one whose call arrived later: an older figure over a newer one."""
        newest: dict[int, int] = {}
        found = []
        with self.lock:
            for change in self.history:
                if change.call < newest.get(change.product_id, 0):
                    found.append(change)
                newest[change.product_id] = max(change.call, newest.get(change.product_id, 0))
        return found


def _parts(product: Product) -> Sequence[Product | Variant]:
    """What has stock of its own: the variants, or a product without any."""
    return [*product.variants.values()] or [product]
