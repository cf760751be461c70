"""Files that a user gives: networks in TOML and JSON."""
