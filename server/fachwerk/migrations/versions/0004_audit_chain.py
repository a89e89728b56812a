# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""audit chain"""

import sqlalchemy as sa
from alembic import op

from fachwerk.kernel.audit import GENESIS, Act, Head, chained

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 1_000
AUDIT = sa.table(
    "audit",
    sa.column("id", sa.String),
    sa.column("at_ms", sa.BigInteger),
    sa.column("actor_id", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("detail", sa.JSON),
    sa.column("number", sa.BigInteger),
    sa.column("hash", sa.String),
)
INDEXES = {
    "ix_audit_time": ["at_ms", "number"],
    "ix_audit_actor": ["actor_id", "at_ms", "number"],
    "ix_audit_action": ["action", "at_ms", "number"],
    "ix_audit_subject": ["subject", "at_ms", "number"],
}

# A row without a number was written by the release before this one; it may get one, once, and stays the same else.
POSTGRES = (
    """
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit' THEN
        IF OLD.number IS NULL AND (OLD.id, OLD.at_ms, OLD.actor_id, OLD.action, OLD.subject, OLD.detail::text)
            = (NEW.id, NEW.at_ms, NEW.actor_id, NEW.action, NEW.subject, NEW.detail::text) THEN
          RETURN NEW;
        END IF;
      ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_head' THEN
        IF NEW.number > OLD.number AND NEW.id = OLD.id THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    "CREATE TRIGGER audit_rows BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_head_row BEFORE UPDATE OR DELETE ON audit_head "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_head_whole BEFORE TRUNCATE ON audit_head EXECUTE FUNCTION audit_append_only()",
)
REFUSE = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
# INSERT OR REPLACE removes rows without asking the trigger for DELETE; hence those for INSERT.
SQLITE = {
    "audit_delete": "BEFORE DELETE ON audit",
    "audit_replace": "BEFORE INSERT ON audit WHEN EXISTS "
    "(SELECT 1 FROM audit WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)",
    "audit_update": "BEFORE UPDATE ON audit WHEN OLD.number IS NOT NULL "
    "OR (OLD.id, OLD.at_ms, OLD.actor_id, OLD.action, OLD.subject, OLD.detail) "
    "IS NOT (NEW.id, NEW.at_ms, NEW.actor_id, NEW.action, NEW.subject, NEW.detail) "
    "OR EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)",
    "audit_head_delete": "BEFORE DELETE ON audit_head",
    "audit_head_replace": "BEFORE INSERT ON audit_head",
    "audit_head_update": "BEFORE UPDATE ON audit_head WHEN NEW.number <= OLD.number OR NEW.id <> OLD.id",
}


def upgrade() -> None:
    op.add_column("audit", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("audit", sa.Column("hash", sa.String(length=64), nullable=True))
    head = _chain()
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name="audit_has_one_head"),
        sa.PrimaryKeyConstraint("id"),
    )
    into = sa.text("INSERT INTO audit_head (id, number, hash) VALUES (1, :number, :hash)")
    op.get_bind().execute(into, head._asdict())
    op.drop_index("ix_audit_actor_id", "audit")
    op.drop_index("ix_audit_at_ms", "audit")
    op.create_index("ix_audit_number", "audit", ["number"], unique=True)
    for name, columns in INDEXES.items():
        op.create_index(name, "audit", columns)
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRES:
            op.execute(statement)
    else:
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} {REFUSE}")


def _chain() -> Head:
    """Give the acts that are there their places, in order of time; in batches, whatever their number."""
    connection, head, last = op.get_bind(), GENESIS, (-1, "")
    said = AUDIT.c["id", "at_ms", "actor_id", "action", "subject", "detail"]
    place = AUDIT.update().where(AUDIT.c.id == sa.bindparam("key"))
    while True:
        later = sa.select(*said).where(sa.tuple_(AUDIT.c.at_ms, AUDIT.c.id) > sa.tuple_(*last))
        rows = connection.execute(later.order_by(AUDIT.c.at_ms, AUDIT.c.id).limit(BATCH)).all()
        if not rows:
            return head
        places = []
        for row in rows:
            entry = chained(Act(*row), head)
            head = Head(entry.number, entry.hash)
            places.append({"key": entry.id, "number": head.number, "hash": head.hash})
        connection.execute(place, places)
        last = (rows[-1].at_ms, rows[-1].id)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("rows", "whole"):
            op.execute(f"DROP TRIGGER audit_{name} ON audit")
        op.drop_table("audit_head")
        op.execute("DROP FUNCTION audit_append_only")
    else:
        for name in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
        op.drop_table("audit_head")
    for name in ("ix_audit_number", *INDEXES):
        op.drop_index(name, "audit")
    op.create_index("ix_audit_at_ms", "audit", ["at_ms"])
    op.create_index("ix_audit_actor_id", "audit", ["actor_id"])
    op.drop_column("audit", "hash")
    op.drop_column("audit", "number")
