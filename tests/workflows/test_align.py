"""``gep align``: copies beside the files, all problems before the first of them, in both languages."""

from pathlib import Path

import pytest
import rasterio
from support.raster_files import CORNER, PIXEL, classes, place, rain, write_geotiff

from gep.cli.app import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_geotiff(tmp_path / "land.tif", classes())
    shifted = place((CORNER[0] + PIXEL / 2, CORNER[1]))
    write_geotiff(tmp_path / "lc_2010.tif", classes(seed=2), transform=shifted)
    write_geotiff(tmp_path / "rain.tif", rain((210, 270)), transform=place(pixel=10.0))
    return tmp_path


def test_copies_are_written_beside_their_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["align", "lc_2010.tif", "rain.tif", "--like", "land.tif", "--language", "en"]) == 0
    shown = capsys.readouterr()
    assert "written: aligned/lc_2010.tif (nearest, 100.0% of its pixels have data)" in shown.out
    assert "written: aligned/rain.tif (bilinear," in shown.out
    assert "3.0 of its pixels" in shown.err
    assert "--how average" in shown.err
    assert sorted(path.name for path in (folder / "aligned").iterdir()) == [
        "lc_2010.tif",
        "rain.tif",
    ]
    for name in ("lc_2010.tif", "rain.tif"):
        with rasterio.open(folder / "aligned" / name) as copy, rasterio.open("land.tif") as land:
            assert (copy.transform, copy.shape, copy.crs) == (land.transform, land.shape, land.crs)


def test_a_folder_and_a_way_can_be_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "align",
        "rain.tif",
        "--like",
        "land.tif",
        "--out",
        "copies",
        "--how",
        "average",
        "--language",
        "zh",
    ]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert "已写：copies/rain.tif（average" in shown.out
    assert shown.err == ""
    assert (folder / "copies" / "rain.tif").is_file()


def test_all_problems_are_told_and_nothing_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_geotiff(folder / "lost.tif", classes(), crs=None)
    (folder / "copies").mkdir()
    (folder / "copies" / "rain.tif").write_text("", encoding="utf-8")
    (folder / "other").mkdir()
    write_geotiff(folder / "other" / "lc_2010.tif", classes())
    files = ["lost.tif", "rain.tif", "lc_2010.tif", "other/lc_2010.tif"]
    assert main(["align", *files, "--like", "gone.tif", "--out", "copies", "--language", "en"]) == 2
    shown = capsys.readouterr().err
    for word in (
        "raster-crs",
        "missing-file",
        "--like",
        "file-exists",
        "copies/rain.tif",
        "two files",
    ):
        assert word in shown
    assert [path.name for path in (folder / "copies").iterdir()] == ["rain.tif"]


def test_the_source_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "rain.tif").read_bytes()
    assert main(["align", "rain.tif", "--like", "land.tif", "--out", ".", "--language", "en"]) == 2
    assert "file-exists" in capsys.readouterr().err
    assert (folder / "rain.tif").read_bytes() == before


def test_a_refused_copy_leaves_no_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far = place((CORNER[0] + 1e5, CORNER[1]))
    write_geotiff(folder / "far.tif", classes(), transform=far)
    assert main(["align", "far.tif", "--like", "land.tif", "--language", "en"]) == 2
    assert "no pixel" in capsys.readouterr().err
    assert not (folder / "aligned").exists()
