"""The HTTP layer: a route parses, calls one service, shapes the answer."""
