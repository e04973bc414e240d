"""2,000 damaged inputs, always the same: each is read, or refused in words; none breaks, hangs, or is worded wrongly.

What breaks is shown with its number; ``python tests/support/mutants.py 1 --first NUMBER --seed SEED`` shows it again.
"""

from pathlib import Path

import pytest
from support.mutants import Nursery

SEED = 10
MUTANTS = 2000
SHARDS = 20  # so that several workers share them


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Nursery:
    folder: Path = tmp_path_factory.mktemp("mutants")
    return Nursery(folder / "nursery", SEED)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_no_mutant_breaks_a_reader(shard: int, nursery: Nursery) -> None:
    broken = [nursery.broken(number) for number in range(shard, MUTANTS, SHARDS)]
    assert not [str(fault) for fault in broken if fault is not None]
