"""Assets of the schema `canonical`."""
