"""The journal, its appends, its writers, and what the file knows of itself."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Make the tables, refuse changes to what is written, and give the journal its identity."""
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.Column("sky_time", sa.String(27), nullable=False),
        sa.Column("writer", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("event", sa.Text),
        sa.Column("telescope", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("journal_by_event", "journal", ["event", "seq"])
    op.create_index("journal_by_telescope", "journal", ["telescope", "seq"])
    op.create_table(
        "appends",
        sa.Column("append_id", sa.Text, primary_key=True),
        sa.Column("first_seq", sa.Integer, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
    )
    op.create_table(
        "writers",
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
    )
    meta = op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.bulk_insert(meta, [{"name": "journal_id", "value": uuid.uuid4().hex}])
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_refuses_{change.lower()} BEFORE {change} ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        )
