"""Version 1: cases with a sequence number, and judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "cases",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("content_hash", sa.Text),
        sa.Column("withdrawn", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary),
    )
    op.create_table(
        "judgements",
        sa.Column("query_id", sa.Text, primary_key=True),
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("by", sa.Text, primary_key=True),
        sa.Column("relevance", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Refuse: dropping the tables would lose every case."""
    raise NotImplementedError("a store is not taken back to a time before its cases; restore a backup")
