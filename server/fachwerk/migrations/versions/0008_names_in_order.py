# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""names in order"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_person_name_key", "person")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("person", "name_key", type_=sa.String(collation="C"), existing_nullable=False)
    op.create_index("ix_person_by_name", "person", ["name_key", "id"])


def downgrade() -> None:
    op.drop_index("ix_person_by_name", "person")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("person", "name_key", type_=sa.String(collation="default"), existing_nullable=False)
    op.create_index("ix_person_name_key", "person", ["name_key"])
