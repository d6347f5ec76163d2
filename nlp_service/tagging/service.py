"""Schemes and taggers of a home: bundled ones, replaced ones, and the model each uses; a broken scheme never replaces a working one."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from indexes.snapshot import write_atomically

from ..artefacts import ArtefactError
from ..registry import Registry, RegistryError
from .schemes import SCHEMES_DIR, Scheme, SchemeError, load_scheme
from .shadow import Shadow
from .tagger import Judged, Tagged, Tagger

log = structlog.get_logger("nlp_service.tagging.service")

MAX_REPORTS = 256
BUNDLED_MODELS = Path(__file__).parent / "models"


class TagRequestError(ValueError):
    """A request that cannot be answered; the message says what to change."""


@dataclass(frozen=True, slots=True)
class TagAnswer:
    """Answers, and the one tagger that gave them: a request never mixes two models."""

    items: list[Tagged]
    tagger: Tagger
    _judged: list[Judged] = field(repr=False)

    @property
    def versions(self) -> Mapping[str, str]:
        """What the answers depend on."""
        return self.tagger.versions

    def whole(self, number: int) -> Tagged:
        """Return all that was found in one report, rejected tags and reasons too: what is kept must not depend on how many tags a caller wanted to see."""
        return self.tagger.shape(self._judged[number], explain=True)


class TagService:
    """Opens a tagger per scheme when first asked; `replace` and the registry's aliases swap one reference."""

    def __init__(self, schemes: Path, models: Path, *, model: Path | None = None) -> None:
        self._schemes = schemes
        self._models = models
        self._model = model
        self._registry = Registry(models)
        self._taggers: dict[str, Tagger] = {}
        self._sources: dict[str, tuple[str, Scheme]] = {}
        self._shadows: dict[str, Shadow] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}
        self._locks: dict[str, threading.Lock] = {}  # one a scheme: while one is being opened, the others can be

    def names(self) -> list[str]:
        """Return the names of all schemes."""
        return sorted({path.stem for folder in (SCHEMES_DIR, self._schemes) for path in folder.glob("*.yaml")})

    def tagger(self, name: str) -> Tagger:
        """Return the tagger of a scheme, newly opened when its file or the promoted model has changed. Raises TagRequestError for an unknown name.

        One request opens the new one, the others are answered by the old one meanwhile. A changed scheme or model that is broken leaves
        the old tagger serving; the first opening of a broken scheme raises SchemeError.
        """
        path = self._path(name)
        stamp = (path.stat().st_mtime_ns, *self._registry.stamp(name))
        serving = self._taggers.get(name)
        if serving is not None and self._stamps.get(name) == stamp:
            return serving
        lock = self._lock(name)
        if not lock.acquire(blocking=serving is None):
            return serving  # type: ignore[return-value]  # not None: only then it does not wait
        try:
            if self._stamps.get(name) != stamp:
                self._renew(name, path)
                self._stamps[name] = stamp
            return self._taggers[name]
        finally:
            lock.release()

    def _lock(self, name: str) -> threading.Lock:
        return self._locks.setdefault(name, threading.Lock())

    def warm(self, name: str) -> None:
        """Open the tagger of a scheme and let it read one report, so that no request waits for that. Raises what `tagger` does."""
        self.tagger(name).tag([("warm-up", "今天上门走访，一切正常")])

    def _renew(self, name: str, path: Path) -> None:
        try:
            text, scheme = _read_scheme(path)
            self._taggers[name] = self._open(scheme)
            self._sources[name] = text, scheme
        except (SchemeError, ArtefactError, RegistryError) as error:
            if name not in self._taggers:
                raise
            log.error("tagger_not_renewed", scheme=name, reason=str(error)[:300])
            return
        self._renew_shadow(scheme)

    def _renew_shadow(self, scheme: Scheme) -> None:
        old = self._shadows.pop(scheme.name, None)
        if old is not None:
            old.stop()
        try:
            version = self._registry.shadow(scheme.name)
            if version is not None and self._model is None:
                tagger = Tagger.open(scheme, self._registry.path(scheme.name, version))
                path = self._models / scheme.name / f"shadow-{version}.json"
                self._shadows[scheme.name] = Shadow(tagger, path, self._taggers[scheme.name].versions["model"])
        except (ArtefactError, RegistryError) as error:
            log.error("shadow_not_opened", scheme=scheme.name, reason=str(error)[:300])

    def close(self) -> None:
        """End the shadows and keep their counts."""
        while self._shadows:
            _, shadow = self._shadows.popitem()
            shadow.close()

    def source(self, name: str) -> tuple[str, Scheme]:
        """Return the YAML that serves, which is not what a broken file holds, and the scheme read from it. Raises what `tagger` does."""
        self.tagger(name)
        return self._sources[name]

    def replace(self, name: str, text: str) -> Scheme:
        """Check a scheme and serve it from now on. Raises SchemeError (the old one keeps serving) or TagRequestError."""
        scheme = load_scheme(text, origin=f"{name}.yaml")
        if scheme.name != name:
            raise TagRequestError(f"方案名 {scheme.name} 与地址中的 {name} 不一致")
        tagger = self._open(scheme)
        self._schemes.mkdir(parents=True, exist_ok=True)
        path = self._schemes / f"{name}.yaml"
        with self._lock(name):
            write_atomically(path, text)
            self._taggers[name], self._sources[name] = tagger, (text, scheme)
            self._stamps[name] = (path.stat().st_mtime_ns, *self._registry.stamp(name))
            self._renew_shadow(scheme)
        return scheme

    def tag(self, name: str, records: Sequence[Mapping[str, Any]], *, explain: bool = False, min_k: int = 0, max_k: int | None = None) -> list[Tagged]:
        """Tag reports ({report_id, text}) in order; a bad one gets an error of its own. Raises TagRequestError for too many."""
        return self.answer(name, records, explain=explain, min_k=min_k, max_k=max_k).items

    def answer(self, name: str, records: Sequence[Mapping[str, Any]], *, explain: bool = False, min_k: int = 0, max_k: int | None = None) -> TagAnswer:
        """Tag as `tag` does and name the versions of the one tagger that did. Raises TagRequestError for too many."""
        if len(records) > MAX_REPORTS:
            raise TagRequestError(f"一次最多 {MAX_REPORTS} 份报告，收到 {len(records)} 份")
        reports = [(str(record.get("report_id", number)), str(record.get("text") or "")) for number, record in enumerate(records, 1)]
        tagger = self.tagger(name)
        judged = tagger.judge(reports)
        items = [tagger.shape(one, explain=explain, min_k=min_k, max_k=max_k) for one in judged]
        shadow = self._shadows.get(name)
        if shadow is not None:  # it answers without limits, so what it is compared with must too
            shadow.offer(reports, items if min_k == 0 and max_k is None else [tagger.shape(one) for one in judged])
        return TagAnswer(items, tagger, judged)

    def _path(self, name: str) -> Path:
        if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            raise TagRequestError(f"方案名 {name[:40]!r} 无效")
        for folder in (self._schemes, SCHEMES_DIR):
            if (folder / f"{name}.yaml").is_file():
                return folder / f"{name}.yaml"
        raise TagRequestError(f"没有名为 {name} 的方案；现有：{'、'.join(self.names())}")

    def _open(self, scheme: Scheme) -> Tagger:
        """Open with the model promoted in the home, else the bundled one, else by rules alone."""
        promoted = self._registry.serving(scheme.name) if self._model is None else None
        if promoted is not None:
            try:
                return Tagger.open(scheme, self._registry.path(scheme.name, promoted))
            except (ArtefactError, RegistryError) as error:
                if scheme.name in self._taggers:
                    raise  # what serves is better than what shipped
                log.error("promoted_model_not_opened", scheme=scheme.name, reason=str(error)[:300])
        for folder in (self._model, self._models / f"tagger-{scheme.name}", BUNDLED_MODELS / scheme.name):
            if folder is not None and (folder / "manifest.json").is_file():
                return Tagger.open(scheme, folder)
        if self._model is not None:
            raise TagRequestError(f"{self._model}：没有可用的模型（缺少 manifest.json）")
        return Tagger.open(scheme, None)


def _read_scheme(path: Path) -> tuple[str, Scheme]:
    """Return the text of a scheme file and the scheme in it. Raises SchemeError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError([f"{path.name}: cannot be read ({error}); save it as UTF-8 and check the path"]) from error
    return text, load_scheme(text, origin=path.name)


def tagged_json(item: Tagged) -> dict[str, Any]:
    """Return one answer as JSON (design §8)."""
    if item.error is not None:
        return {"report_id": item.report_id, "error": item.error, "tags": [], "level": None}
    tags = []
    for found in item.tags:
        tag: dict[str, Any] = {
            "tag": found.tag,
            "status": str(found.status),
            "score": round(float(found.score), 4),
            "threshold": round(float(found.threshold), 4),
            "spans": [list(span) for span in found.spans],
            "source": str(found.source),
        }
        if found.reasons:
            tag["reasons"] = list(found.reasons)
        tags.append(tag)
    return {"report_id": item.report_id, "tags": tags, "level": str(item.level), "abstained": item.abstained}
