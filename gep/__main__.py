"""`python -m gep` is the `gep` command."""

from gep.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
