"""What happens to every case before it is stored: derive what its text says, mask natural persons, check the region."""

from __future__ import annotations

from . import decisions, privacy
from .pivots import read_pivots, values
from .schema import Case, with_derived
from .violations import find_violation


def prepare(case: Case) -> Case:
    """Return the case as it may be stored. Raises RecordError or MaskingError (both ValueError)."""
    derived = decisions.derive(case)
    masked = privacy.mask_case(derived)
    return _with_pivots(masked)


def _with_pivots(case: Case) -> Case:
    """Fill in cause code and pivots from the catalogue where the case names its violation and has none."""
    violation = find_violation(case.cause_code) or next((found for cause in case.causes if (found := find_violation(cause))), None)
    if violation is None:
        return case
    pivots = {} if case.pivots else values(read_pivots(violation, case.facts))
    filled = with_derived(case, {"cause_code": violation.code})
    return with_derived(filled, {"pivots": pivots}) if pivots else filled
