"""Assets of the schema `raw`."""
