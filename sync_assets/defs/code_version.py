"""Which code is at work: other code may make other rows of the same input.

What follows from a new version does not belong here.
"""

import hashlib
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

import sync_assets


@cache
def code_version() -> str:
    """Hash of the project's source and of the libraries that calculate: other code may give other rows."""
    found = hashlib.sha256(f"{sync_assets.__version__} {pd.__version__} {pa.__version__}".encode())
    root = Path(sync_assets.__file__).parent
    for path in sorted(root.rglob("*.py")):
        found.update(str(path.relative_to(root)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()
