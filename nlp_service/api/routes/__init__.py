"""One router per thing."""
