"""Which files of an export folder are which kind, in which order, and what their bytes are called.

What is inside a file does not belong here. Canonical specification, section 3.1.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sync_assets.connections import IsavigneConnection
from sync_assets.errors import ConfigurationError
from sync_assets.tables.raw.isavigne import KINDS

READ_TYPES = {".csv", ".txt", ".tsv", ".xlsx"}
REFUSED_TYPES = {".xls", ".xlsm", ".zip", ".gz"}
_IGNORED = re.compile(r"^(~\$|\.)|(~|\.bak|\.tmp|\.part|\.swp)$", re.IGNORECASE)
_NAMES = {
    "produits": "produits?|products",
    "clients": "clients?|customers",
    "ventes": "ventes_lignes|ventes?|sales_lines",
    "stock": "stocks?",
    "contacts": "contacts?",
}
_KIND = re.compile(
    r"(?:export_|isavigne_){0,2}(?:"
    + "|".join(f"(?P<{kind}>{words})" for kind, words in _NAMES.items())
    + r")(?=$|[_\-\s\d])"
)
_DATES = (
    re.compile(r"(?<!\d)(?P<year>\d{4})(?P<mark>[-_.])(?P<month>\d\d)(?P=mark)(?P<day>\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<day>\d\d)(?P<mark>[-_.])(?P<month>\d\d)(?P=mark)(?P<year>\d{4})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4})[-_.](?P<month>\d\d)(?!\d)"),
)


@dataclass(frozen=True)
class ExportFile:
    """One file of the folder. `kind` is null when the name says none; `waits` until it has settled."""

    path: Path
    kind: str | None
    size_bytes: int
    modified_at: datetime
    effective_date: date
    waits: bool = False

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def type(self) -> str:
        return self.path.suffix.lower()


def find_files(settings: IsavigneConnection, zone: ZoneInfo, *, now: datetime) -> list[ExportFile]:
    """The files of the export folder in the order of processing; those whose names say no kind come last.

    Raises ConfigurationError when the folder cannot be read.
    """
    found = []
    try:
        with os.scandir(settings.export_path) as entries:
            for entry in entries:
                # A link could lead to another organisation's files.
                if _IGNORED.search(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                found.append(_describe(entry, settings, zone, now))
    except OSError as error:
        raise ConfigurationError(
            f"The export folder {settings.export_path} cannot be read ({error.strerror}); check export_path",
            code="export_path",
        ) from None
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    return sorted(found, key=lambda f: (ranks.get(f.kind or "", len(KINDS)), f.effective_date, f.modified_at, f.name))


def _describe(entry: os.DirEntry[str], settings: IsavigneConnection, zone: ZoneInfo, now: datetime) -> ExportFile:
    status = entry.stat(follow_symlinks=False)
    modified_at = modified(status)
    effective = date_in_name(entry.name) or modified_at.astimezone(zone).date()
    # A clock that is ahead must not keep a file waiting for longer than this either.
    waits = abs((now - modified_at).total_seconds()) < settings.settle_seconds
    return ExportFile(
        Path(entry.path), kind_of(entry.name, settings.patterns), status.st_size, modified_at, effective, waits
    )


def modified(status: os.stat_result) -> datetime:
    return datetime.fromtimestamp(status.st_mtime, UTC)


def kind_of(name: str, patterns: Mapping[Any, str] | None = None) -> str | None:
    """The kind that a file name says, null for a name or a type that is none of ours.

    >>> [kind_of(name) for name in ("Export_Ventes_par_client.csv", "stock_produits.CSV", "CLIENTS2025.xls")]
    ['ventes', 'stock', 'clients']
    >>> [kind_of(name) for name in ("clientele.csv", "clients.pdf", "tarif produits.csv")]
    [None, None, None]
    """
    path = Path(name)
    if path.suffix.lower() not in READ_TYPES | REFUSED_TYPES:
        return None
    for kind, pattern in (patterns or {}).items():
        if fnmatch(name.lower(), pattern.lower()):
            return kind
    plain = unicodedata.normalize("NFKD", path.stem.casefold())
    match = _KIND.match("".join(letter for letter in plain if not unicodedata.combining(letter)))
    found = match.lastgroup if match else None
    return None if found in (patterns or {}) else found


def date_in_name(name: str) -> date | None:
    """The date in a file name, null when it has none.

    >>> date_in_name("ventes_2025-11.csv"), date_in_name("clients 05-12-2025.csv"), date_in_name("CLIENTS_2025.CSV")
    (datetime.date(2025, 11, 1), datetime.date(2025, 12, 5), None)
    """
    for pattern in _DATES:
        for match in pattern.finditer(name):
            parts = match.groupdict()
            try:
                found = date(int(parts["year"]), int(parts["month"]), int(parts.get("day") or 1))
            except ValueError:
                continue
            if 1990 <= found.year <= 2100:
                return found
    return None


def hash_file(path: Path) -> str:
    """SHA-256 of the bytes, as 64 hex digits. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
