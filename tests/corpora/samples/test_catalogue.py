"""What the bundled files hold, and the measure of how varied their language is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from corpora.samples import FOLDER, describe
from corpora.samples.catalogue import SAMPLE_CHARACTERS, distinct_bigram_ratio, sample_text


def test_distinct_bigram_ratio() -> None:
    assert distinct_bigram_ratio("甲乙丙丁") == 1.0
    assert distinct_bigram_ratio("甲乙甲乙甲") == pytest.approx(2 / 4)
    assert distinct_bigram_ratio("甲甲甲甲甲甲") == pytest.approx(1 / 5)
    assert distinct_bigram_ratio("甲") == 0.0


def test_the_sample_is_fixed_by_its_seed_and_drawn_from_all_texts() -> None:
    texts = [chr(0x4E00 + number) * 10 for number in range(100)]
    sample = sample_text(texts, 500)
    assert len(sample) == 500
    assert sample == sample_text(texts, 500)
    assert sample != sample_text(texts, 500, seed=1)
    assert sample != "".join(texts)[:500]
    assert sample_text(texts[:2], 500) in (texts[0] + texts[1], texts[1] + texts[0])


def test_describe_names_counts_hashes_and_ratio(tmp_path: Path) -> None:
    rows = [{"facts": "甲乙甲乙甲", "text": "not this"}, {"facts": ""}]
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (tmp_path / "cases.jsonl").write_bytes(content)
    (file,) = describe(tmp_path)
    assert (file.name, file.n_records, file.sha256) == ("cases.jsonl", 2, hashlib.sha256(content).hexdigest())
    assert (file.distinct_bigrams, file.n_sampled) == (0.5, 5)


def test_bundled_language_is_varied() -> None:
    files = {file.name: file for file in describe(FOLDER)}
    assert list(files) == ["cases.jsonl", "queries.jsonl", "reports_correction.jsonl", "reports_grid.jsonl"]
    assert files["cases.jsonl"].n_sampled == SAMPLE_CHARACTERS
    assert files["cases.jsonl"].distinct_bigrams > 0.4  # the load-test generator, which recombines one template, gives .108
    assert all(file.distinct_bigrams > 0.4 for file in files.values())
