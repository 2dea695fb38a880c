"""Readers of outside systems, one module or package per system.

Mapping to canonical tables and writing to the warehouse do not belong here.
"""
