"""Leaving-office audits of natural resource assets (离任审计)."""
