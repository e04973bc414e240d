"""The numbers of an account: rows with value, unit, source and grade; data and coefficient sets."""
