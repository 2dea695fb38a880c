"""`python -m sync_assets` is the same as the command `sync-assets`."""

from sync_assets.cli import main

main()
