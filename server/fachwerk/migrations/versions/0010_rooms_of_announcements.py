# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""rooms of announcements"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("joins_as", sa.String(length=16), nullable=False, server_default="member"))


def downgrade() -> None:
    op.drop_column("room", "joins_as")
