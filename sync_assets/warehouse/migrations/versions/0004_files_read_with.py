"""Files are read again when settings or code changed since."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "isavigne_files",
        sa.Column("read_with", sa.Text(), nullable=True, comment="Hash of the settings and the code that read it"),
        schema="raw",
    )
