"""Where an account is compiled (核算范围): classes, regions, areas, transitions, boundaries."""
