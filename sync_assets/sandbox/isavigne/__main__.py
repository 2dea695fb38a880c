"""Writes the sample files to data/isavigne.

What they contain does not belong here.
"""

from sync_assets.sandbox.isavigne import all_samples
from sync_assets.settings import PROJECT_ROOT

for path, content in all_samples().items():
    target = PROJECT_ROOT / "data" / "isavigne" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
