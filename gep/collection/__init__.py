"""Many counties' projects side by side (县级成果汇总): completeness, what own choices moved, ranks."""
