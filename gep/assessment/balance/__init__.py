"""Natural-resource balance sheets (自然资源资产负债表)."""
