# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""department openings"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "department_opening",
        sa.Column("department_id", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"]),
        sa.ForeignKeyConstraint(["to_id"], ["department.id"]),
        sa.PrimaryKeyConstraint("department_id", "to_id"),
    )
    op.create_index("ix_department_opening_to_id", "department_opening", ["to_id"])


def downgrade() -> None:
    op.drop_index("ix_department_opening_to_id", "department_opening")
    op.drop_table("department_opening")
