"""Private notes and scorecards of interviewers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "assessment"
down_revision = "room_snapshot"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memo",
        sa.Column("session", sa.String(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("cell", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_memo_person_person")),
        sa.ForeignKeyConstraint(["session"], ["session.id"], name=op.f("fk_memo_session_session")),
        sa.PrimaryKeyConstraint("session", "n", name=op.f("pk_memo")),
    )
    op.create_table(
        "scorecard",
        sa.Column("session", sa.String(length=12), nullable=False),
        sa.Column("person", sa.String(length=255), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("handed_in", sa.BigInteger(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name=op.f("fk_scorecard_person_person")),
        sa.ForeignKeyConstraint(["session"], ["session.id"], name=op.f("fk_scorecard_session_session")),
        sa.PrimaryKeyConstraint("session", "person", name=op.f("pk_scorecard")),
    )
