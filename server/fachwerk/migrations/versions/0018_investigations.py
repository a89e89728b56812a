# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""investigations"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEPT = sa.text("deleted_ms IS NULL")


def upgrade() -> None:
    op.create_table(
        "investigation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("tell_after_days", sa.Integer(), nullable=False),
        sa.Column("tell_ms", sa.BigInteger(), nullable=True),
        sa.Column("told_ms", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"])
            for column in ("person_id", "asked_by", "decided_by", "ended_by")
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_investigation_person", "investigation", ["person_id", "told_ms"])
    # Messages wait while it is made; whoever has very many makes it beforehand (docs/operations/investigations.md).
    op.create_index(
        "message_written",
        "message",
        ["sender_id", "at_ms", "id"],
        if_not_exists=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )


def downgrade() -> None:
    op.drop_index("message_written", "message")
    op.drop_index("ix_investigation_person", "investigation")
    op.drop_table("investigation")
