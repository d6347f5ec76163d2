"""Tests of indexes.build, snapshot, view and library: the library is always equal to the store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpora.schema import Case
from corpora.store import CaseStore
from indexes.build import BuildSpec, build
from indexes.errors import BuildError, SnapshotError
from indexes.library import Library
from indexes.query import Channel, Filters, Query
from indexes.snapshot import build_lock, current_name, hash_file, read_manifest

Factory = Callable[..., Case]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def library(store: CaseStore, folder: Path, case_factory: Factory):
    store.put_many([case_factory(number) for number in range(200)])
    build(store, folder, BuildSpec(domain_words=("限期拆除",)))
    opened = Library.open(folder, store)
    yield opened
    opened.close()


def ids(library: Library, text: str, k: int = 10, **options: object) -> list[str]:
    return [hit.case_id for hit in library.search(Query(text), k, **options).hits]  # type: ignore[arg-type]


def test_a_draft_finds_its_theme_and_says_why(library: Library) -> None:
    result = library.search(Query("烧烤店油烟净化器未开，居民投诉"), 10)
    assert all(int(hit.case_id[2:]) % 4 == 3 for hit in result.hits)
    assert [hit.rank for hit in result.hits] == list(range(1, 11))
    assert result.causes[0][0] == "油烟超标"
    assert set(result.hits[0].channels) == {Channel.LEXICAL, Channel.DENSE, Channel.CAUSES, Channel.REASONING}
    assert result.last_seq == 200
    assert result.read.characters == 15


def test_scores_fall_with_the_rank(library: Library) -> None:
    scores = [hit.score for hit in library.search(Query("钢结构厂房超建"), 120).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_k_cases_come_back_whenever_k_exist(library: Library) -> None:
    assert len(ids(library, "打井取水", 100)) == 100
    assert len(ids(library, "打井取水", 90, filters=Filters(regions=("3301",)))) == 90


def test_filters_hold(library: Library, store: CaseStore) -> None:
    found = store.get_many(ids(library, "占道经营", 50, filters=Filters(regions=("330483",), causes=("占道经营",))))
    assert {case.region for case in found.values()} == {"330483"}
    assert {case.causes for case in found.values()} == {("占道经营",)}


def test_a_pool_is_ranked_whole_and_nothing_else(library: Library) -> None:
    pool = ["C-00003", "C-00004", "C-00010"]
    assert sorted(ids(library, "烧烤店油烟", 10, pool=pool)) == pool
    assert ids(library, "烧烤店油烟", 10, pool=pool)[0] == "C-00003"


def test_a_text_without_any_known_word_still_answers(library: Library) -> None:
    assert ids(library, "🙂🙂", 5) == []


def test_pinned_cases_come_first(library: Library) -> None:
    result = library.view.search(Query("油烟净化器"), 5, pinned=["C-00000"])
    assert result.hits[0].case_id == "C-00000"
    assert Channel.EXACT in result.hits[0].channels


def test_additions_changes_and_withdrawals_are_followed(library: Library, store: CaseStore, case_factory: Factory) -> None:
    store.put_many([case_factory(900, theme=0, facts="无人机航拍发现屋顶鸽舍一处")])
    store.put_many([case_factory(3, theme=1, facts="原油烟案改写为违法建设厂房")])
    store.withdraw("C-00007")
    store.delete("C-00011")
    assert library.refresh() == 4
    assert ids(library, "屋顶鸽舍航拍")[0] == "C-00900"
    everything = ids(library, "检查发现，编号", 500)
    assert len(everything) == 199
    assert {"C-00007", "C-00011"}.isdisjoint(everything)
    assert ids(library, "原油烟案改写")[0] == "C-00003"
    store.withdraw("C-00007", withdrawn=False)
    library.refresh()
    assert "C-00007" in ids(library, "检查发现，编号", 500)


def test_an_old_view_answers_as_before(library: Library, store: CaseStore, case_factory: Factory) -> None:
    old = library.view
    store.put_many([case_factory(901, facts="全新词语鸬鹚捕鱼")])
    library.refresh()
    assert "C-00901" not in [hit.case_id for hit in old.search(Query("鸬鹚捕鱼"), 10).hits]
    assert ids(library, "鸬鹚捕鱼")[0] == "C-00901"


def test_opening_catches_up_and_equals_a_fresh_build(library: Library, store: CaseStore, folder: Path, case_factory: Factory, tmp_path: Path) -> None:
    store.put_many([case_factory(number) for number in range(200, 260)])
    store.withdraw("C-00001")
    reopened = Library.open(folder, store)
    try:
        assert reopened.view.last_seq == store.last_seq()
        expected = {case.case_id for _, case in store.iter_cases()}
        assert set(reopened.view.columns.row_of) == expected
        assert reopened.view.lexical.n_documents == len(expected)
        assert len(reopened.view.cause_roots) == len(reopened.view.reasoning.vectors) == len(reopened.view.columns.ids)
    finally:
        reopened.close()


def test_searches_run_while_cases_arrive(library: Library, store: CaseStore, case_factory: Factory) -> None:
    failures: list[str] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            if len(ids(library, "占道经营水果店", 10)) != 10:
                failures.append("fewer than ten hits")

    with ThreadPoolExecutor(2) as pool:
        searches = [pool.submit(search) for _ in range(2)]
        for number in range(300, 340):
            store.put_many([case_factory(number, facts=f"独有标记词丙{number}号")])
            library.refresh()
            assert f"C-{number:05d}" in ids(library, f"独有标记词丙{number}号", 60)
        stop.set()
        for running in searches:
            running.result()
    assert failures == []


def test_a_rebuild_is_taken_over_by_reload(library: Library, store: CaseStore, folder: Path, case_factory: Factory) -> None:
    store.put_many([case_factory(902)])
    library.refresh()
    before = library.view.name
    build(store, folder, BuildSpec())
    store.put_many([case_factory(903)])
    assert library.reload()
    assert library.view.name != before
    assert {"C-00902", "C-00903"} <= set(library.view.columns.row_of)
    assert not library.reload(), "the same snapshot is not loaded twice"


def test_the_same_store_and_seed_build_the_same_index(store: CaseStore, tmp_path: Path, case_factory: Factory) -> None:
    store.put_many([case_factory(number) for number in range(60)])
    first = read_manifest(build(store, tmp_path / "one", BuildSpec()))
    second = read_manifest(build(store, tmp_path / "two", BuildSpec()))
    assert first.encoder == second.encoder
    assert first.files["causes.safetensors"] == second.files["causes.safetensors"]
    assert first.files["dense.faiss"] == second.files["dense.faiss"]


def test_an_empty_store_cannot_be_built(store: CaseStore, folder: Path) -> None:
    with pytest.raises(BuildError, match="import"):
        build(store, folder, BuildSpec())


def test_two_builds_at_once_are_refused(store: CaseStore, folder: Path, case_factory: Factory) -> None:
    store.put_many([case_factory(1)])
    with build_lock(folder), pytest.raises(BuildError, match="another build"):
        build(store, folder, BuildSpec())


def test_opening_without_a_snapshot_names_the_cure(store: CaseStore, folder: Path) -> None:
    with pytest.raises(SnapshotError, match="nlp-service build"):
        Library.open(folder, store)


@pytest.mark.parametrize("name", ["dense.npz", "columns.json", "causes.safetensors", "lexical/meta.json", "encoder/encoder.json"])
def test_a_damaged_file_is_named(store: CaseStore, folder: Path, case_factory: Factory, name: str) -> None:
    store.put_many([case_factory(number) for number in range(10)])
    path = build(store, folder, BuildSpec()) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x5A
    path.write_bytes(bytes(content))
    with pytest.raises(SnapshotError, match=name.rsplit("/", 1)[-1]):
        Library.open(folder, store)


def test_a_missing_file_and_another_format_are_named(store: CaseStore, folder: Path, case_factory: Factory) -> None:
    store.put_many([case_factory(number) for number in range(10)])
    home = build(store, folder, BuildSpec())
    manifest = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    (home / "columns.npz").unlink()
    with pytest.raises(SnapshotError, match=r"columns\.npz: missing"):
        Library.open(folder, store)
    (home / "manifest.json").write_text(json.dumps({**manifest, "format": 99}), encoding="utf-8")
    with pytest.raises(SnapshotError, match="format 99"):
        Library.open(folder, store)


@pytest.mark.parametrize(
    "name", ["taught.json", "taught.safetensors", "statutes.json", "reasoning.npz", "calibration.json", "salience.json", "cause_roots.npy"]
)
def test_a_snapshot_of_an_older_version_lacks_a_file_and_names_the_cure(store: CaseStore, folder: Path, case_factory: Factory, name: str) -> None:
    home = built_home(store, folder, case_factory)
    (home / name).unlink()
    reseal(home, lambda manifest: manifest["files"].pop(name))
    with pytest.raises(SnapshotError, match=rf"{name}.*run `nlp-service build`"):
        Library.open(folder, store)


def test_a_file_of_another_shape_names_the_cure(store: CaseStore, folder: Path, case_factory: Factory) -> None:
    home = built_home(store, folder, case_factory)
    (home / "statutes.json").write_text('{"counts": {}}', encoding="utf-8")
    reseal(home, lambda manifest: manifest["files"].update({"statutes.json": hash_file(home / "statutes.json")}))
    with pytest.raises(SnapshotError, match=r"another version of this program \(KeyError: 'n_cases'\); run `nlp-service build`"):
        Library.open(folder, store)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest.update(format=2), "format 2 of an older version"),
        (lambda manifest: manifest.update(format=99), "format 99 of another version"),
        (lambda manifest: manifest.pop("format"), "format None"),
        (lambda manifest: manifest.pop("last_seq"), "last_seq"),
        (lambda manifest: manifest.update(shards=3), "shards"),
    ],
)
def test_a_manifest_of_another_version_names_the_cure(
    store: CaseStore, folder: Path, case_factory: Factory, change: Callable[[dict[str, object]], object], message: str
) -> None:
    reseal(built_home(store, folder, case_factory), change)
    with pytest.raises(SnapshotError, match=rf"manifest\.json: .*{message}.*run `nlp-service build`"):
        Library.open(folder, store)


def built_home(store: CaseStore, folder: Path, case_factory: Factory) -> Path:
    store.put_many([case_factory(number) for number in range(10)])
    return build(store, folder, BuildSpec())


def reseal(home: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest of a snapshot, as if another version had written it."""
    path = home / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_old_snapshots_are_cleared_but_never_the_serving_one(store: CaseStore, folder: Path, case_factory: Factory) -> None:
    store.put_many([case_factory(number) for number in range(10)])
    names = [build(store, folder, BuildSpec()).name for _ in range(4)]
    left = sorted(path.name for path in (folder / "snapshots").iterdir())
    assert left == names[1:]
    assert current_name(folder) == names[3]
