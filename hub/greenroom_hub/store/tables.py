"""Every table. Times are milliseconds since the epoch, UTC; JSON is text, so that what was hashed is what is kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _at(name: str, *, optional: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=optional)


def _session(*, key: bool = False) -> Column[str]:
    return Column("session", String(12), ForeignKey("session.id"), primary_key=key, nullable=False)


# Who

person = Table(
    "person",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("display_name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    _at("first_seen"),
    _at("last_seen", optional=True),
)

login = Table(
    "login",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("name", String(255), nullable=False, index=True),
    Column("display_name", Text, nullable=False),
    # null for staff: a candidate's login is bound to their session
    Column("session", String(12), ForeignKey("session.id"), nullable=True, index=True),
    _at("created"),
    _at("expires"),
    _at("ended", optional=True),
    Column("reason", String(40), nullable=True),
)

staff_link = Table(
    "staff_link",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person", String(255), ForeignKey("person.name"), nullable=False),
    Column("next", Text, nullable=False),
    _at("created"),
    _at("expires"),
    _at("used", optional=True),
)

# What

template_version = Table(
    "template_version",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the content
    Column("template", String(80), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON: notebook, files in base64, settings
    Column("author", String(255), nullable=False),
    _at("created"),
    _at("chosen"),  # the newest choice is the template's current version: going back to an old one is a choice, too
)

session = Table(
    "session",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("title", Text, nullable=False),
    Column("candidate", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("template_version", String(64), ForeignKey("template_version.id"), nullable=False),
    Column("policy", Text, nullable=False),
    Column("duration", Float, nullable=False),  # seconds, as agreed; extra time is history
    Column("author", String(255), nullable=False),
    _at("created"),
)

session_history = Table(
    "session_history",
    metadata,
    _session(key=True),
    Column("seq", Integer, primary_key=True),
    _at("at"),
    Column("action", String(20), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("state", String(20), nullable=False),  # the state it led to
    Column("data", Text, nullable=False),
)

seat = Table(
    "seat",
    metadata,
    _session(key=True),
    Column("person", String(255), ForeignKey("person.name"), primary_key=True, index=True),
    Column("seat", String(20), nullable=False),
    _at("since"),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    _session(),
    Column("author", String(255), nullable=False),
    _at("created"),
    _at("expires"),
    _at("revoked", optional=True),
    _at("redeemed", optional=True),  # last time
    Column("times", Integer, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    _session(key=True),
    Column("seq", Integer, primary_key=True),
    _at("at"),
    Column("wording", String(40), nullable=False),
    Column("accepted", Boolean, nullable=False),
)

# The record

event = Table(
    "event",
    metadata,
    _session(key=True),
    Column("seq", Integer, primary_key=True),
    _at("at"),
    Column("type", String(60), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

payload = Table(
    "payload",
    metadata,
    _session(key=True),
    Column("seq", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("data", Text, nullable=False),  # canonical JSON; the row may be erased, the commitment in the event stays
)

checkpoint = Table(
    "checkpoint",
    metadata,
    _session(key=True),
    Column("seq", Integer, primary_key=True),  # of the last event it covers
    _at("at"),
    Column("hash", String(64), nullable=False),
    Column("key", String(64), nullable=False),  # SHA-256 of the public key
    Column("signature", LargeBinary, nullable=False),
)

received = Table(
    "received",
    metadata,
    _session(key=True),
    Column("browser", String(16), primary_key=True),
    Column("n", BigInteger, nullable=False),  # everything up to it is stored
    _at("at"),
)

# The document

room_update = Table(
    "room_update",
    metadata,
    Column("room", String(12), ForeignKey("session.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    _at("at"),
    Column("author", String(255), nullable=False),
    Column("connection", String(40), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Derived from room_update, and only so that a long room opens at once: see room/snapshots.py.
room_snapshot = Table(
    "room_snapshot",
    metadata,
    Column("room", String(12), ForeignKey("session.id"), primary_key=True),
    Column("seq", Integer, nullable=False),  # it covers the rows before this one
    _at("at"),
    Column("data", LargeBinary, nullable=False),
)

blob = Table(
    "blob",
    metadata,
    _session(key=True),
    Column("hash", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    _at("created"),
)

submission = Table(
    "submission",
    metadata,
    _session(key=True),
    _at("at"),
    Column("manifest", Text, nullable=False),  # canonical JSON: what was frozen, each part with its hash
    Column("receipt", Text, nullable=False),  # canonical JSON: the signed receipt the candidate holds
)

# What interviewers think, and nobody else is told

memo = Table(
    "memo",
    metadata,
    _session(key=True),
    Column("n", Integer, primary_key=True),
    Column("person", String(255), ForeignKey("person.name"), nullable=False),
    _at("at"),
    Column("cell", String(64), nullable=True),
    Column("text", Text, nullable=False),
)

scorecard = Table(
    "scorecard",
    metadata,
    _session(key=True),
    Column("person", String(255), ForeignKey("person.name"), primary_key=True),
    _at("at"),
    Column("card", Text, nullable=False),  # JSON
    _at("handed_in", optional=True),
    Column("salt", LargeBinary, nullable=True),  # of the commitment in the record
)

# Rows that are history: a trigger refuses to change them or take them away.
APPEND_ONLY = ("room_update", "event", "session_history", "checkpoint", "consent")
