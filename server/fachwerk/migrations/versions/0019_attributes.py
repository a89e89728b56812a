# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""attributes of people, and rules of rooms about them"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OF_RULES = ("attribute", "value", "value_key")


def upgrade() -> None:
    op.create_table(
        "person_attribute",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("value_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id", "name", "value"),
    )
    op.create_index("ix_person_attribute_value", "person_attribute", ["name", "value_key", "person_id"])
    for name in OF_RULES:
        op.add_column("room_rule", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in OF_RULES:
        op.drop_column("room_rule", name)
    op.drop_index("ix_person_attribute_value", "person_attribute")
    op.drop_table("person_attribute")
