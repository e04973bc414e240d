"""The public names: all load, all are what a type checker sees, and nothing else is offered."""

import ast
from pathlib import Path

import pytest

import gep


@pytest.mark.parametrize("name", gep.__all__)
def test_public_names_load_and_are_described(name: str) -> None:
    found = getattr(gep, name)
    assert name in dir(gep)
    assert name == "__version__" or found.__doc__


def test_what_a_type_checker_sees_is_what_loads() -> None:
    tree = ast.parse(Path(gep.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == gep._HOME


def test_other_names_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="no attribute 'evaluate_everything'"):
        _ = gep.evaluate_everything
