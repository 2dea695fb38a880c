"""The command `sync-assets`: what an operator does without the UI. Tables for people, `--json` for programs.

Exit codes: 0 good, 1 something failed or is out of reach, 2 a mistake in the configuration or the command, 3 good with
warnings. Rules and queries do not belong here.
"""

from sync_assets.cli import asking, connectors, push, push_asking, quality, rejects, running, sandbox
from sync_assets.cli.app import app, main

__all__ = ["app", "asking", "connectors", "main", "push", "push_asking", "quality", "rejects", "running", "sandbox"]
