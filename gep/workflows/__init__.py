"""What a command does with a project: read, compute, write."""
