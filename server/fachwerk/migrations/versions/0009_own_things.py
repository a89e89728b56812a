# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""what somebody reacted to and uploaded is found without looking through all of it"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reaction_person_id", "reaction", ["person_id"])
    op.create_index("ix_file_uploader_id", "file", ["uploader_id"])


def downgrade() -> None:
    op.drop_index("ix_file_uploader_id", "file")
    op.drop_index("ix_reaction_person_id", "reaction")
