"""The answers: search, decision support, tagging, HTTP, web page, command line."""

__version__ = "0.1.0"
__all__ = ["__version__"]
