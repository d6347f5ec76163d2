"""Tagging of short reports: schemes, triggers, scope, classifier, levels."""
