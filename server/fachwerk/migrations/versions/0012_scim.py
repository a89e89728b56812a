# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""people and departments as a pushing system (SCIM) knows them"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("person", sa.Column("barred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("person", sa.Column("pushed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE person SET enabled = active WHERE NOT active")
    op.create_table(
        "scim_user",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("user_name_key", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
        sa.UniqueConstraint("user_name_key"),
    )
    op.create_table(
        "scim_group",
        sa.Column("department_id", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("department_id"),
        sa.UniqueConstraint("external_id"),
    )


def downgrade() -> None:
    op.drop_table("scim_group")
    op.drop_table("scim_user")
    op.drop_column("person", "pushed")
    op.drop_column("person", "barred")
    op.drop_column("person", "enabled")
