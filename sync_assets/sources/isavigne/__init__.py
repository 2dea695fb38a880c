"""Reading iSaVigne exports (CSV, TXT, TSV, XLSX): from the files of a folder to typed rows, rejects and a manifest.

Mapping to canonical tables and writing to the warehouse do not belong here.
"""
