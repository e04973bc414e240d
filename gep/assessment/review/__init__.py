"""Review of results (考核结果流程): the log, appeals, final results."""
