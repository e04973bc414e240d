"""Many counties' projects side by side (县级成果汇总): what is complete, what own choices moved, which ranks survive."""
