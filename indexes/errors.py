"""What can go wrong in an index.

The tree:

    LibraryError
    ├── SnapshotError     a snapshot is missing, damaged or made by something else
    ├── EncoderError      an encoder cannot be loaded or does not fit the snapshot
    └── BuildError        a library cannot be built (empty store, another build running)
"""

from __future__ import annotations


class LibraryError(Exception):
    """Base of everything `indexes` raises on purpose."""


class SnapshotError(LibraryError):
    """A snapshot is missing, damaged or of another format; the message names the file and the cure."""


class EncoderError(LibraryError):
    """An encoder cannot be loaded, or is not the one the snapshot was built with."""


class BuildError(LibraryError):
    """A snapshot cannot be built now."""
