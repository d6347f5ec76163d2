"""What happens to every case before it is stored: derive what its text says, mask natural persons, check the region."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import decisions, privacy
from .pivots import read_pivots, values
from .readers.columns import is_personal
from .regions import find_region, is_known, is_valid_on, region_name, successors
from .schema import Case, with_derived
from .violations import find_violation

_QUOTED = re.compile(r"(?P<quote>['\"])(?P<kept>[^'\"]{30})[^'\"]+(?P=quote)")


def prepare(case: Case) -> Case:
    """Return the case as it may be stored. Raises RecordError or MaskingError (both ValueError).

    Reading comes before masking because masks hide surnames and numbers by which some facts are read.
    """
    derived = decisions.derive(case)
    if derived.region is None and derived.agency:
        derived = with_derived(derived, {"region": find_region(derived.agency)})
    if derived.extra:
        derived = replace(derived, extra=_impersonal(derived.extra))
    masked = privacy.mask_case(derived)
    return _with_pivots(masked)


def region_warning(case: Case) -> str | None:
    """Say what is doubtful about the region a case was given; it is kept all the same."""
    if case.region is None or "region" in case.derived:
        return None
    if not is_known(case.region):
        return f"region {case.region} is not in the table of regions; kept as it is"
    if case.decided_on and not is_valid_on(case.region, case.decided_on):
        after = "、".join(successors(case.region))
        return f"region {case.region} ({region_name(case.region)}) was not in force on {case.decided_on}; kept as it is" + (f", now {after}" if after else "")
    return None


def harmless(reason: str) -> str:
    """Return an error message fit for a log: quoted values cut to 30 characters, personal data masked."""
    return privacy.mask(_QUOTED.sub(r"\g<quote>\g<kept>…\g<quote>", reason))


def _with_pivots(case: Case) -> Case:
    """Fill in cause code and pivots from the catalogue where the case names its violation and has none."""
    violation = find_violation(case.cause_code) or next((found for cause in case.causes if (found := find_violation(cause))), None)
    if violation is None:
        return case
    pivots = {} if case.pivots else values(read_pivots(violation, case.facts))
    filled = with_derived(case, {"cause_code": violation.code})
    return with_derived(filled, {"pivots": pivots}) if pivots else filled


def _impersonal(value: Any, depth: int = 0) -> Any:
    """Leave out the keys that hold data of a person, at every depth; mask the texts below the first, which masking a case does itself."""
    if isinstance(value, Mapping):
        return {key: _impersonal(item, depth + 1) for key, item in value.items() if not is_personal(str(key))}
    if isinstance(value, (list, tuple)):
        return [_impersonal(item, depth + 2) for item in value]
    return privacy.mask(value) if isinstance(value, str) and depth > 1 else value
