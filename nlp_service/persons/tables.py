"""The tables of the persons' database, a file of its own: correction data and cases never share one (domain §0.4)."""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_VERSION = "1"
metadata = sa.MetaData()

meta = sa.Table("meta", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text, nullable=False))

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("report_id", sa.Text, nullable=False),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # keyed: tells a repetition from another report without keeping what was masked
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("reported_at", sa.Text),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("region", sa.Text),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("abstained", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("versions", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.UniqueConstraint("report_id", "scheme"),  # one report may be read under several schemes
    sa.Index("ix_reports_person_at", "person", "at"),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("report_seq", sa.Integer, primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("status", sa.Text),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("spans", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("reasons", sa.Text, nullable=False),
    sa.Column("ruling", sa.Text),
    sa.Column("ruled_by", sa.Text),
    sa.Column("ruled_at", sa.Text),
    sa.Index("ix_findings_tag", "tag"),
)

# Every ruling stays, also when a later one overrides it: these are labels to learn from.
corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("report_seq", sa.Integer, nullable=False, index=True),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("ruling", sa.Text, nullable=False),
    sa.Column("was", sa.Text),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)

sanctions = sa.Table(
    "sanctions",
    metadata,
    sa.Column("sanction_id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("decided_on", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.Text, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("change", sa.Integer, nullable=False, unique=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("ladder", sa.Text, nullable=False),
    sa.Column("region", sa.Text),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("is_late", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("raised_at", sa.Text, nullable=False),
    sa.Column("due_at", sa.Text),
    sa.Column("escalate_at", sa.Text),
    sa.Column("escalations", sa.Integer, nullable=False),
    sa.Column("escalated_to", sa.Text),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("acknowledged_at", sa.Text),
    sa.Column("note", sa.Text),
    sa.Index("ix_alerts_person_at", "person", "at"),
    sa.Index("ix_alerts_escalate_at", "escalate_at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Text, nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("ended_at", sa.Text),
    sa.Index("ix_outbox_state_next_at", "state", "next_at"),
)

# What was deleted, without whom: entered in the same transaction as the deletion, then carried into the audit chain.
receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("receipt_id", sa.Text, primary_key=True),
    sa.Column("deleted_at", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("audit_seq", sa.Integer),
    sa.Column("audit_hash", sa.Text),
)

# The days before which a purge has deleted: beside its receipt, which is the same for a purge and for a person's deletion.
purges = sa.Table(
    "purges",
    metadata,
    sa.Column("receipt_id", sa.Text, primary_key=True),
    sa.Column("reports_before", sa.Text),
    sa.Column("alerts_before", sa.Text),
)
