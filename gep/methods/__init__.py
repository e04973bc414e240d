"""The accounting methods: pure keyword-only functions whose annotations carry units (核算方法)."""
