"""A stand-in for an Odoo server, speaking its protocols on loopback with invented data and injectable faults.

Reading from Odoo does not belong here; that is `sources/odoo`.
"""

from sync_assets.sandbox.odoo.faults import Fault
from sync_assets.sandbox.odoo.server import OdooSandbox

__all__ = ["Fault", "OdooSandbox"]
