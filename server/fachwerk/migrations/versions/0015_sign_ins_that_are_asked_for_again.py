# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""sign-ins that are asked for again, are strong enough, and come from several providers"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CAN_BE_ASKED = sa.text("refresh_token IS NOT NULL")


def upgrade() -> None:
    op.add_column("session", sa.Column("refresh_token", sa.String(), nullable=True))
    op.add_column("session", sa.Column("asked_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("acr", sa.String(), nullable=True))
    op.create_index(
        "ix_session_asked_ms", "session", ["asked_ms"], sqlite_where=CAN_BE_ASKED, postgresql_where=CAN_BE_ASKED
    )
    op.add_column("login_state", sa.Column("provider", sa.String(), nullable=False, server_default=""))
    op.add_column("login_state", sa.Column("acr", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("login_state", "acr")
    op.drop_column("login_state", "provider")
    op.drop_index("ix_session_asked_ms", "session")
    op.drop_column("session", "acr")
    op.drop_column("session", "asked_ms")
    op.drop_column("session", "refresh_token")
