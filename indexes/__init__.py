"""How cases are found: analyzer, channels, fusion, and one library as one thing."""
