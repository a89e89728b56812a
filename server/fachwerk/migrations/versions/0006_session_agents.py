# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""session agents"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("session", sa.Column("browser", sa.String(), nullable=True))
    op.add_column("session", sa.Column("system", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("session", "system")
    op.drop_column("session", "browser")
