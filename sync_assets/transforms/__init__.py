"""Frames in, frames out: every rule of the project. No I/O and no clock belong here."""
