"""Near-duplicates among the texts of a corpus: MinHash to find candidates, the exact Jaccard to decide."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from datasketch import MinHash, MinHashLSH

SHINGLE = 5
NEAR = 0.5
N_PERMUTATIONS = 128
CANDIDATES = 0.35  # below NEAR: at the threshold itself LSH finds only about half of the pairs
SEED = 20221231


def shingles(text: str) -> set[str]:
    """Return the runs of five characters of a text, the whole text when it is shorter; white space does not count."""
    text = "".join(text.split())
    return {text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))}


def jaccard(first: set[str], second: set[str]) -> float:
    """Return the share of the shingles that both have."""
    return len(first & second) / len(first | second) if first or second else 1.0


def near_duplicates(texts: Mapping[str, str], *, above: float = NEAR, groups: Mapping[str, Hashable] | None = None) -> list[tuple[str, str, float]]:
    """Return (key, key, Jaccard) of each pair above `above`, in the order of the texts; with `groups`, only pairs of different groups.

    MinHash (Broder 1997) with banded LSH proposes pairs, whose Jaccard is then computed exactly: no false alarm, a miss is unlikely above `above`.
    """
    index = MinHashLSH(threshold=CANDIDATES, num_perm=N_PERMUTATIONS)
    sets = {key: shingles(text) for key, text in texts.items()}
    found = []
    for key, signature in zip(sets, _signatures(list(sets.values())), strict=True):
        for other in sorted(index.query(signature)):
            if groups is None or groups[key] != groups[other]:
                found.append((other, key, jaccard(sets[other], sets[key])))
        index.insert(key, signature)
    return [pair for pair in found if pair[2] > above]


def _signatures(sets: Sequence[set[str]]) -> list[MinHash]:
    signatures: list[MinHash] = MinHash.bulk([[shingle.encode() for shingle in found] for found in sets], num_perm=N_PERMUTATIONS, seed=SEED)
    return signatures
