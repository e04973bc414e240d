"""Many counties' projects side by side (县级成果汇总)."""
