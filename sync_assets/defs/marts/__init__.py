"""Assets of the schema `marts`."""
