# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""places in rooms that end by themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("until_ms", sa.BigInteger(), nullable=True))
    ends = sa.text("until_ms IS NOT NULL")
    op.create_index("ix_member_until", "member", ["until_ms"], sqlite_where=ends, postgresql_where=ends)


def downgrade() -> None:
    op.drop_index("ix_member_until", "member")
    op.drop_column("member", "until_ms")
