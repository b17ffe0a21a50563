"""What operators do to the data: backup, transfer, retention, erasure, integrity checks."""
