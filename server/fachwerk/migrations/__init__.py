# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The one linear history of the database, for all modules (Alembic).

Each step runs under the previous release too: first expand, then move data by a job, one release later
contract.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """Alembic's configuration, without a file. url: SQLAlchemy's, with an async driver."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def newest() -> str:
    """The last revision of the history: what this release needs of a database."""
    return max(step.name[:4] for step in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def upgrade(url: str) -> None:
    """Bring a database to the newest state; one that is there already stays as it is."""
    command.upgrade(config(url), "head")
