"""The account (核算账户): a plan evaluated, its tables, and the explanation of each number."""
