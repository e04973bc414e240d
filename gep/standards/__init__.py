"""Accounting standards (核算规范): their model, and the methods that they name. The shipped TOML lies beside."""
