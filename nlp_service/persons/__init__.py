"""Persons under correction by opaque reference: timeline, alerts, plan, outbox; a database of its own, apart from the cases."""
