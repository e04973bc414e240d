"""The plan (核算方案): a standard bound to extent, data and coefficients, checked before anything is computed."""
