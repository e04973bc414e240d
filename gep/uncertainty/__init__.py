"""Uncertainty and sensitivity (不确定性): Monte Carlo draws, intervals, ranks, Sobol indices."""
