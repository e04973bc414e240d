"""Own code (自己的代码): the files behind a method of the user, run from what was read of them.

The module owns how a file runs, how files beside it are imported, how it opens others, and which
files ran. Consent was checked by ``gep.standards.method`` before anything is run here.
"""

import ast
import builtins
import hashlib
import importlib
import importlib.util
import io
import os
import sys
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gep.errors import ProblemLog, ProblemsFound
from gep.io.argument_types import wrong_type
from gep.io.catalog import check_link
from gep.io.csv_excel import read_regular

# Libraries that come with gep: of these only their versions matter, not each of their files.
_WITH_GEP = ("gep", "numpy", "pandas", "scipy", "xarray")
_OPENED = "__gep_files__"  # where a module keeps the checksums of the files that it opened


def open_beside(name: str) -> io.BytesIO:
    """Open a file beside the code that calls this, so that records of results list it.

    Parameters
    ----------
    name : str
        A file in the folder of the calling code, or in a folder inside it; in a notebook, in the
        working folder.

    Returns
    -------
    BytesIO
        What the file holds; ``pandas.read_csv`` and ``numpy.loadtxt`` take it.

    Raises
    ------
    ProblemsFound
        ``wrong-argument`` for a name that is no str.
    OSError
        If it cannot be read.
    ValueError
        If it is not beside the code.

    Examples
    --------
    >>> import gep
    >>> import pandas as pd
    >>> __file__ = "examples/beibu-gulf/methods.py"  # Python sets it in the file of a method
    >>> pd.read_csv(gep.open_beside("areas.csv")).empty
    False
    """
    if not isinstance(name, str):
        raise ProblemsFound([wrong_type(name, "name", str)])
    module = sys._getframe(1).f_globals
    code = Path(module.get("__file__", "notebook"))  # which is beside the files of its folder
    folder = code.parent
    file = folder / name
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        raise ValueError(f"{name} is not beside {code.name}")
    content = read_regular(file)
    module.setdefault(_OPENED, {})[file] = hashlib.sha256(content).hexdigest()
    return io.BytesIO(content)


def files_of_code(file: Path) -> list[Path]:
    """Return a file of code and the files beside it that it imports, without running any.

    Parameters
    ----------
    file : Path

    Returns
    -------
    list of Path
        Sorted; a file that cannot be read or parsed imports nothing.
    """
    files: set[Path] = set()
    waiting = [file]
    while waiting:
        current = waiting.pop()
        if current in files or not current.is_file():
            continue
        files.add(current)
        try:
            tree = ast.parse(read_regular(current))
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue
        for node in ast.walk(tree):
            for name in _names_imported(node):
                waiting.append(current.parent / f"{name}.py")
    return sorted(files)


def _names_imported(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports, if they can be files beside it."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level < 2:
        return [node.module] if node.module else [alias.name for alias in node.names]
    return []


class OwnCode:
    """The code of the user behind a method: a module, and all that it brings along.

    Parameters
    ----------
    problems : ProblemLog
        Notes the bytes that are read, so that a file that changes meanwhile is told.
    """

    def __init__(self, problems: ProblemLog) -> None:
        self._problems = problems
        self._modules: dict[Path, types.ModuleType] = {}
        self._installed: dict[str, types.ModuleType] = {}
        self._files: dict[Path, str] = {}

    @property
    def files(self) -> Mapping[Path, str]:
        """Every file that ran or was opened by ``open_beside``, with its SHA-256."""
        files = dict(self._files)
        for module in (*self._modules.values(), *self._installed.values()):
            files.update(vars(module).get(_OPENED, {}))
        return files

    def run_file(self, file: Path) -> types.ModuleType:
        """Run a file as a module that can import the files beside it.

        Compiled from the text that the user has read: bytecode beside it is neither run nor left.

        Parameters
        ----------
        file : Path

        Returns
        -------
        module
            It is not among the modules of Python: each method has its own.
        """
        if file in self._modules:
            return self._modules[file]
        module = types.ModuleType(f"gep_own_{file.stem}")
        module.__file__ = str(file)
        content = read_regular(file)
        self._problems.note_read(file, content)
        self._files[file] = hashlib.sha256(content).hexdigest()

        def import_here(
            name: str,
            scope: Mapping[str, Any] | None = None,
            local: Mapping[str, Any] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            return self._import(
                file.parent,
                name,
                scope,
                local,
                fromlist or (),
                level,
            )

        vars(module)["__builtins__"] = {**vars(builtins), "__import__": import_here}
        self._modules[file] = module
        try:
            source = importlib.util.decode_source(content)
            exec(compile(source, str(file), "exec"), vars(module))
        except BaseException:
            del self._modules[file]
            raise
        return module

    def import_module(self, name: str) -> types.ModuleType:
        """Import an installed module, and note the files of its package.

        Parameters
        ----------
        name : str

        Returns
        -------
        module
        """
        module = importlib.import_module(name)
        self._note_package(name.partition(".")[0])
        return module

    def _import(
        self,
        folder: Path,
        name: str,
        scope: Mapping[str, Any] | None,
        local: Mapping[str, Any] | None,
        fromlist: Sequence[str],
        level: int,
    ) -> Any:
        """Import for a file in ``folder``: a file beside it goes before what is installed."""
        if level == 1 and not name:
            beside = {part: self._beside(folder, part) for part in fromlist}
            missing = [part for part, module in beside.items() if module is None]
            if missing:
                raise ImportError(f"there is no file {missing[0]}.py beside it")
            return types.SimpleNamespace(**beside)
        if level < 2 and "." not in name:
            module = self._beside(folder, name)
            if module is not None:
                return module
        imported = builtins.__import__(name, scope, local, fromlist, level)
        self._note_package(name.partition(".")[0])
        return imported

    def _beside(self, folder: Path, name: str) -> types.ModuleType | None:
        """Run the file of a name in a folder; None if there is none."""
        file = folder / f"{name}.py"
        if not file.is_file():
            return None
        faults = ProblemLog()
        if not check_link(file, folder, file.name, faults):
            raise ImportError(str(ProblemsFound(faults.errors)))
        return self.run_file(file)

    def _note_package(self, top: str) -> None:
        """Note the files of a package of others, as far as it is imported."""
        if top in _WITH_GEP or top in sys.stdlib_module_names:
            return
        for name, module in list(sys.modules.items()):
            if name != top and not name.startswith(f"{top}."):
                continue
            file = getattr(module, "__file__", None)
            if not isinstance(file, str) or not os.path.isfile(file):
                continue
            self._installed[name] = module
            if Path(file) not in self._files:
                self._files[Path(file)] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
