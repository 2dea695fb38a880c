"""Runnable stand-ins for the outside systems, with invented data: the demo uses them and the tests talk to them."""
