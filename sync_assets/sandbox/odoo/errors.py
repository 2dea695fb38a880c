"""The errors an Odoo server reports, with the name, HTTP status and XML-RPC fault code of each kind.

How a protocol writes them down belongs to `protocols.py`.
"""

from __future__ import annotations


class OdooError(Exception):
    """An error as the server reports it: `name` is the class a client sees, `message` its text."""

    def __init__(self, name: str, message: str, *, status: int = 500, fault_code: int = 1) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.status = status
        self.fault_code = fault_code


def access_denied() -> OdooError:
    return OdooError("odoo.exceptions.AccessDenied", "Access Denied", status=403, fault_code=3)


def access_error(message: str) -> OdooError:
    return OdooError("odoo.exceptions.AccessError", message, status=403, fault_code=4)


def missing_error(message: str) -> OdooError:
    return OdooError("odoo.exceptions.MissingError", message, status=404, fault_code=2)


def user_error(message: str) -> OdooError:
    return OdooError("odoo.exceptions.UserError", message, status=422, fault_code=2)


def value_error(message: str) -> OdooError:
    return OdooError("builtins.ValueError", message)


def type_error(message: str) -> OdooError:
    return OdooError("builtins.TypeError", message)


def attribute_error(message: str) -> OdooError:
    return OdooError("builtins.AttributeError", message)


def http_error(kind: str, message: str, status: int) -> OdooError:
    """One of the errors that exist in JSON-2 only, where they are HTTP statuses."""
    return OdooError(f"werkzeug.exceptions.{kind}", message, status=status)


def no_database(database: str) -> OdooError:
    message = f'connection to server at "127.0.0.1", port 5432 failed: FATAL:  database "{database}" does not exist\n'
    return OdooError("psycopg2.OperationalError", message)


def model_denied(model: str, description: str) -> OdooError:
    return access_error(
        f"You are not allowed to access '{description}' ({model}) records.\n\n"
        "This operation is allowed for the following groups:\n\t- Sales/Administrator\n\t- Inventory/Administrator\n\n"
        "Contact your administrator to request access if necessary."
    )


def record_denied(model: str, description: str, user_name: str, uid: int) -> OdooError:
    return access_error(
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
        f"Sorry, {user_name} (id={uid}) doesn't have 'read' access to:\n- {description} ({model})\n\n"
        "If you really, really need access, perhaps you can win over your friendly administrator "
        "with a batch of freshly baked cookies."
    )


def field_denied(version: int, model: str, description: str, field: str, group: str, uid: int) -> OdooError:
    where = f"{description} ({model})"
    if version >= 19:
        return access_error(
            f'You do not have enough rights to access the field "{field}" on {where}. '
            f"Please contact your system administrator.\n\nOperation: read\nUser: {uid}\nGroups: allowed for groups '{group}'"
        )
    fields = f"Operation: read\nUser: {uid}\nFields:\n- {field} (allowed for groups '{group}')"
    if version == 18:
        return access_error(
            f'You do not have enough rights to access the fields "{field}" on {where}. '
            f"Please contact your system administrator.\n\n{fields}"
        )
    return access_error(
        f"The requested operation can not be completed due to security restrictions.\n\nDocument type: {where}\n{fields}"
    )


def invalid_field(version: int, model: str, field: str) -> OdooError:
    return value_error(f"Invalid field {field!r} on {'model ' if version < 19 else ''}{model!r}")
