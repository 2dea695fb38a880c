"""A server's limit is five places instead of its last five permits: the columns stay, their descriptions change."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PERMITS = "The last five permits to call each server, shared by all processes and organisations."
PLACES = "The five places of each server, one per call and second, shared by all processes and organisations."
PERMIT = "Permit number {n} from the end"
PLACE = "When the last call of place {n} arrived, or at the latest will have"


def upgrade() -> None:
    describe(PLACES, PLACE)


def downgrade() -> None:
    describe(PERMITS, PERMIT)


def describe(table: str, column: str) -> None:
    op.create_table_comment("push_limits", table, schema="ops")
    for n in range(1, 6):
        at = sa.TIMESTAMP(timezone=True)
        op.alter_column("push_limits", f"sent_{n}_at", existing_type=at, comment=column.format(n=n), schema="ops")
