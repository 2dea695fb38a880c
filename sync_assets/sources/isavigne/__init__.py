"""Reading iSaVigne exports (CSV, TXT, TSV, XLSX): from the files of a folder to typed rows, rejects and a manifest.

Mapping to canonical tables and writing to the warehouse do not belong here.
"""

from sync_assets.sources.isavigne.check_connection import test_connection
from sync_assets.sources.isavigne.delivery import Batch, FileResult, find_overdue, read_delivery
from sync_assets.sources.isavigne.files import ExportFile, find_files, kind_of

__all__ = [
    "Batch",
    "ExportFile",
    "FileResult",
    "find_files",
    "find_overdue",
    "kind_of",
    "read_delivery",
    "test_connection",
]
