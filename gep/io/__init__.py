"""Files in and out: tables, TOML, result folders, the catalogue of what ships. Knows nothing of accounting."""
