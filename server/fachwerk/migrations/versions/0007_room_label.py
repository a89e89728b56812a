# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""room label"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("label", sa.String(length=16), nullable=False, server_default="open"))


def downgrade() -> None:
    op.drop_column("room", "label")
