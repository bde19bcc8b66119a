"""Bring a journal's file to the present schema; Alembic is loaded only when there is something to do."""

from pathlib import Path

import sqlalchemy as sa

from coordinator.store.engine import plain_errors
from telescopes.description.errors import Refused

HEAD = "0001"
"""The newest revision in `migrations/versions`."""
SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: sa.Engine, path: Path) -> None:
    """Run the missing migrations in one transaction.

    Raises
    ------
    Refused
        The file was written by a newer Armillary.
    """
    with plain_errors(path):
        with engine.connect() as connection:
            found = revision_of(connection)
        if found != HEAD:
            _migrate(engine, path)


def revision_of(connection: sa.Connection) -> str | None:
    """Return the revision that the file is at; None: it is empty."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _migrate(engine: sa.Engine, path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise Refused(
            f"its schema is not known here ({error})",
            where=str(path),
            mend=f"use the Armillary that wrote it, or a newer one (this one knows schemas up to {HEAD})",
            reason="SCHEMA",
        ) from error
