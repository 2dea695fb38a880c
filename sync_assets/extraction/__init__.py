"""Landing what sources send in the raw tables: windows, cursors, deletions. How a source is spoken to is in `sources/`."""
