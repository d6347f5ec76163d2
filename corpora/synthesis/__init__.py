"""Seeded cases and reports in any number, for load tests only: they are recombined from the catalogue and teach a model nothing."""

from .cases import generate_cases
from .reports import generate_reports

__all__ = ["generate_cases", "generate_reports"]
