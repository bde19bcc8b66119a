"""The journal's tables; `migrations/` makes them, a test keeps the two equal."""

import sqlalchemy as sa

metadata = sa.MetaData()

journal = sa.Table(
    "journal",
    metadata,
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
    sa.Index("journal_by_event", "event", "seq"),
    sa.Index("journal_by_telescope", "telescope", "seq"),
)
"""Append-only: triggers refuse UPDATE and DELETE. Times are ISO 8601 UTC with microseconds, so they sort as text."""

appends = sa.Table(
    "appends",
    metadata,
    sa.Column("append_id", sa.Text, primary_key=True),
    sa.Column("first_seq", sa.Integer, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
)
"""What each append stored, so that the same append again answers the same; an empty one has last_seq < first_seq."""

writers = sa.Table(
    "writers",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
)
"""The newest epoch of each writing role."""

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""Facts about the file itself: `journal_id`."""
