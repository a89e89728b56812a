# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""places in rooms that end by themselves, and members by rule"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("until_ms", sa.BigInteger(), nullable=True))
    ends = sa.text("until_ms IS NOT NULL")
    op.create_index("ix_member_until", "member", ["until_ms"], sqlite_where=ends, postgresql_where=ends)
    op.add_column("member", sa.Column("by_rule", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "room_rule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("department_id", sa.String(), nullable=False),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("leading", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_room_rule_room_id", "room_rule", ["room_id"])
    op.create_index("ix_room_rule_department_id", "room_rule", ["department_id"])


def downgrade() -> None:
    op.drop_table("room_rule")
    op.drop_column("member", "by_rule")
    op.drop_index("ix_member_until", "member")
    op.drop_column("member", "until_ms")
