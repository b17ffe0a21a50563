"""The bench: two nodes on which everything can be seen, broken and switched off (bench.py)."""
