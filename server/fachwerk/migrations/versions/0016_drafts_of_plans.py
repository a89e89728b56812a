# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""drafts of plans"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provisioning_plan", sa.Column("planned_by", sa.String(), nullable=True))
    op.add_column("provisioning_plan", sa.Column("begun_by", sa.String(), nullable=True))
    op.add_column("provisioning_plan", sa.Column("failure", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("provisioning_step", sa.Column("verb", sa.String(length=16), nullable=True))
    op.create_table(
        "provisioning_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("org", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("force", sa.Boolean(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("too_much", sa.JSON(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("removals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_provisioning_draft_created_by", "provisioning_draft", ["created_by"])
    op.create_table(
        "provisioning_draft_step",
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["draft"], ["provisioning_draft.id"]),
        sa.PrimaryKeyConstraint("draft", "number"),
    )


def downgrade() -> None:
    op.drop_table("provisioning_draft_step")
    op.drop_index("ix_provisioning_draft_created_by", "provisioning_draft")
    op.drop_table("provisioning_draft")
    op.drop_column("provisioning_step", "verb")
    for name in ("failure", "begun_by", "planned_by"):
        op.drop_column("provisioning_plan", name)
