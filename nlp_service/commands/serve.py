"""`serve`: the HTTP service and the page."""

from __future__ import annotations

import argparse
import socket

from ..keys import KeyRing, KeyRingError
from ..settings import Settings
from .base import CommandError, open_store, out

HELP = "启动服务（默认只在本机 127.0.0.1:8000）"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--host", default=None)
    parser.add_argument("--port", type=int, default=None)


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Serve until stopped; refuses to listen beyond loopback without keys."""
    given = {name: value for name in ("host", "port") if (value := getattr(arguments, name)) is not None}
    settings = settings.model_copy(update=given)
    if not 0 <= settings.port <= 65535:
        raise CommandError(f"--port {settings.port}：应在 0 到 65535 之间")
    try:
        has_keys = bool(KeyRing(settings.keys).all())
    except (KeyRingError, OSError) as error:
        raise CommandError(str(error)) from None
    if not settings.is_loopback and not has_keys:
        raise CommandError(f"监听 {settings.host} 会让其他机器访问，但尚无访问密钥：请先运行 nlp-service keys add 名称 --role admin")
    with open_store(settings):
        pass  # what is wrong with the store is said here in one line, not by a failed start
    try:
        listener = socket.create_server((settings.host, settings.port), family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    except OSError as error:
        raise CommandError(f"{settings.host}:{settings.port}：不能监听（{error.strerror}）；端口被占用时请换用 --port") from None
    import uvicorn

    from ..api.app import create_app
    from ..api.logs import configure_logs

    configure_logs(settings.log_level)
    with listener:
        host, port = listener.getsockname()[:2]
        out.print(f"服务地址 http://{f'[{host}]' if ':' in host else host}:{port}/", highlight=False)
        server = uvicorn.Server(uvicorn.Config(create_app(settings, warms_up=True), log_config=None, access_log=False, server_header=False))
        server.run(sockets=[listener])
    if not server.started:
        raise CommandError("服务未能启动；原因见上面的日志")
    return 0
