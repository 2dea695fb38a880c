"""Measurements behind the figures of the README: real PostgreSQL, real HTTP, nothing patched.

What the project does, and its tests, do not belong here.
"""
