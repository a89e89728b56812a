# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""administrators of departments, and what they have set"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "department_admin",
        sa.Column("department_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("appointed_by", sa.String(), nullable=False),
        sa.Column("appointed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["appointed_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("department_id", "person_id"),
    )
    for column in ("person_id", "appointed_by"):
        op.create_index(f"ix_department_admin_{column}", "department_admin", [column])
    ends = sa.text("until_ms IS NOT NULL")
    op.create_index("ix_department_admin_until", "department_admin", ["until_ms"], sqlite_where=ends, postgresql_where=ends)
    op.add_column("department_policy", sa.Column("delegated", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("department_policy", "delegated")
    op.drop_table("department_admin")
