"""`python -m gep` is the `gep` command."""

import sys

# Python puts the working folder first on its path: a file there could replace any library.
if not sys.flags.safe_path and sys.path:
    del sys.path[0]

from gep.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
