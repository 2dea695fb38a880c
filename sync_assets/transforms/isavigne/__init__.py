"""iSaVigne: from the raw rows of many deliveries to the ones that stand, and from those to the canonical tables.

Reading files does not belong here; that is in `sources/isavigne`.
"""
