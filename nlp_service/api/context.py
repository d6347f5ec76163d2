"""What routes need of the app: the runtime and the figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from .. import __version__
from ..runtime import Runtime
from .metrics import Metrics


async def runtime(request: Request) -> Runtime:
    """Return the runtime of the app."""
    found: Runtime = request.app.state.runtime
    return found


async def metrics(request: Request) -> Metrics:
    """Return the figures of the app."""
    found: Metrics = request.app.state.metrics
    return found


RuntimeDep = Annotated[Runtime, Depends(runtime)]
MetricsDep = Annotated[Metrics, Depends(metrics)]


def versions(runtime: Runtime) -> dict[str, str]:
    """Return the version of every part that an answer depends on."""
    names = {"service": __version__}
    if runtime.is_ready:
        view = runtime.library.view
        names |= {
            "snapshot": view.name,
            "sequence": str(view.last_seq),
            "encoder": view.encoder.fingerprint,
            "dictionary": view.analyzer.version,
            "fusion": view.fusion.version,
            "calibration": view.calibration.version,
        }
    return names
