"""Performance evaluation (考核评价): schemes, rules as data, applied to accounts and readings."""
