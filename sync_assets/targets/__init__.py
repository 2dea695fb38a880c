"""Writers to outside systems, one module or package per system.

What is to be written, and when, does not belong here.
"""
