"""One module per command; each has HELP, arguments(parser) and run(arguments, settings) → exit code."""

from . import assess, audit, build, corpora, imports, keys, persons, prepare, search, serve, tag
from .base import Command, CommandError

COMMANDS: dict[str, Command] = {
    "import": imports,
    "build": build,
    "search": search,
    "assess": assess,
    "tag": tag,
    "serve": serve,
    "keys": keys,
    "audit": audit,
    "persons": persons,
    "prepare": prepare,
    "corpora": corpora,
}

__all__ = ["COMMANDS", "Command", "CommandError"]
