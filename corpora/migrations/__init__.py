"""The versions the store's tables went through, oldest first; the last one is what this program reads and writes."""

VERSIONS = ("0001", "0002")
HEAD = VERSIONS[-1]
