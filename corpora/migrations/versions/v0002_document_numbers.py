"""Version 2: a column in which cases are found by document number, filled for the cases already there."""

import sqlalchemy as sa
from alembic import op

from corpora.tables import doc_no_key, unpack_case

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
_ROWS = 1000
# The table as it was at this version, not as the program has it today.
_cases = sa.table("cases", sa.column("seq"), sa.column("case_id"), sa.column("payload", sa.LargeBinary), sa.column("doc_no_key"))


def upgrade() -> None:
    """Add the column and its index, and compute it in portions so that a large store fits in memory."""
    op.add_column("cases", sa.Column("doc_no_key", sa.Text))
    connection = op.get_bind()
    seq = 0
    while True:
        query = sa.select(_cases.c.seq, _cases.c.case_id, _cases.c.payload).where(_cases.c.seq > seq).order_by(_cases.c.seq).limit(_ROWS)
        rows = connection.execute(query).all()
        if not rows:
            break
        seq = rows[-1].seq
        keys = [(row.seq, doc_no_key(unpack_case(row.case_id, row.payload, False, "migration 0002").doc_no)) for row in rows if row.payload is not None]
        found = [{"at_seq": at_seq, "key": key} for at_seq, key in keys if key]
        if found:
            connection.execute(_cases.update().where(_cases.c.seq == sa.bindparam("at_seq")).values(doc_no_key=sa.bindparam("key")), found)
    op.create_index("ix_cases_doc_no_key", "cases", ["doc_no_key"])


def downgrade() -> None:
    """Take the column away again; nothing is lost, it is computed from the payload."""
    op.drop_index("ix_cases_doc_no_key", "cases")
    op.drop_column("cases", "doc_no_key")
