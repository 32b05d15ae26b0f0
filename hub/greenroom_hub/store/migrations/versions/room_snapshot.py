"""Snapshots of rooms"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "room_snapshot"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_snapshot",
        sa.Column("room", sa.String(length=12), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["session.id"], name=op.f("fk_room_snapshot_room_session")),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_room_snapshot")),
    )
