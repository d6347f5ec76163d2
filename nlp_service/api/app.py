"""Make the app: routes, errors, guard, page. Nothing happens at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import structlog
from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from .. import __version__
from ..idempotency import AnswerStore
from ..keys import KeyRing
from ..runtime import Runtime
from ..settings import Settings
from . import description, problems
from .logs import configure_logs
from .metrics import Metrics
from .middleware import Guard
from .routes import alerts, assessments, cases, drafts, persons, search, system, tags
from .security import host_is_known

WEB = Path(__file__).parent.parent / "web"


def create_app(settings: Settings, *, warms_up: bool = False) -> FastAPI:
    """Return the app for these settings; store and library open when it starts, and `warms_up` does ahead what the first requests would wait for."""

    if not structlog.is_configured():  # under another server the default log would print texts: its tracebacks show all variables
        configure_logs(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.workers
        runtime = await anyio.to_thread.run_sync(Runtime, settings)
        app.state.runtime = runtime
        await anyio.to_thread.run_sync(runtime.start)
        if warms_up:
            runtime.warm_up()
        yield
        await anyio.to_thread.run_sync(runtime.close)

    app = FastAPI(title="类案检索、偏离预警与报告标签服务", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.keys = KeyRing(settings.keys)
    app.state.metrics = Metrics()
    app.state.answers = AnswerStore(settings.answers)
    problems.install(app)
    for router in (search.router, assessments.router, drafts.router, cases.router, tags.router, persons.router, alerts.router, system.router):
        app.include_router(router)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(WEB / "index.html")

    @app.get("/tags", include_in_schema=False)
    def tags_page() -> FileResponse:
        return FileResponse(WEB / "tags.html")

    app.mount("/static", StaticFiles(directory=WEB), name="static")

    description.install(app)
    app.add_middleware(
        Guard,
        max_body_bytes=settings.max_body_bytes,
        max_in_flight=settings.workers + settings.max_waiting,
        metrics=app.state.metrics,
        serves_host=lambda header: host_is_known(header, settings.host) or bool(app.state.keys.all()),
        asks_for_key=lambda: bool(app.state.keys.all()),
    )
    return app
