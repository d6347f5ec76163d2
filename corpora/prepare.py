"""What happens to every case before it is stored: read what it leaves out, mask natural persons, look at its region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from corpora.decisions import derive
from corpora.privacy import mask, mask_case
from corpora.readers.columns import is_personal
from corpora.regions import find_region, is_known, is_valid_on, region_name, successors
from corpora.schema import Case, with_derived


def prepare(case: Case) -> Case:
    """Return the case with what its texts say filled in, then masked; only such a case may be stored, indexed or logged.

    Reading comes first because masks hide the surnames, plates and numbers by which some facts are read. Raises ValueError
    where masking does not come clean.
    """
    case = derive(case)
    if case.region is None and case.agency:
        case = with_derived(case, {"region": find_region(case.agency)})
    return mask_case(replace(case, extra=_impersonal(case.extra)))


def region_warning(case: Case) -> str | None:
    """Say what is doubtful about the region of a case; it is kept all the same."""
    if case.region is None:
        return None
    if not is_known(case.region):
        return f"region {case.region}: not a code of GB/T 2260 known here; the case is kept, correct the code if it is a slip"
    if case.decided_on and "region" not in case.derived and not is_valid_on(case.region, case.decided_on):
        after = "、".join(successors(case.region))
        return f"region {case.region} ({region_name(case.region)}): not in force on {case.decided_on}" + (f"; it went into {after}" if after else "")
    return None


def _impersonal(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the keys that hold data of a person, at every depth, and mask the texts below the first one."""
    return {key: _masked_inside(value) for key, value in extra.items() if not is_personal(key)}


def _masked_inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: mask(item) if isinstance(item, str) else _masked_inside(item) for key, item in value.items() if not is_personal(str(key))}
    if isinstance(value, (list, tuple)):
        return [mask(item) if isinstance(item, str) else _masked_inside(item) for item in value]
    return value
