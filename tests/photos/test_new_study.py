"""`gan-bench new-study` examines a folder, times the machine, and writes a study that can be run."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_bench.cli import main
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.photos import recipe
from gan_bench.photos.look import look_at
from gan_bench.photos.recipe import Choice, choices, steps
from gan_bench.photos.write import minutes_of


@pytest.fixture
def pictures(tmp_path):
    """Twenty colour pictures (two in a sub-folder), a grey one, a copy of a picture, a broken file and a text file."""
    folder, rng = tmp_path / "photos", np.random.default_rng(0)
    (folder / "more").mkdir(parents=True)
    for k in range(20):
        place = folder / ("more" if k > 17 else ".") / f"{k}.png"
        Image.fromarray(rng.integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(place)
    Image.fromarray(rng.integers(0, 256, (40, 50), dtype=np.uint8)).save(folder / "grey.png")
    (folder / "copy.png").write_bytes((folder / "3.png").read_bytes())
    (folder / "cut.png").write_bytes((folder / "4.png").read_bytes()[:100])
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_what_a_folder_holds_is_said(pictures):
    found = look_at(pictures)
    said = " ".join(found.sentences())
    assert (found.count, found.smallest, found.grey, found.colour) == (22, 40, 1, True)
    assert "2 files are left out as unusable" in said and "notes.txt" in said and "cut.png" in said
    assert "1 picture is a copy of others: 3.png = copy.png" in said
    assert "2 pictures are in sub-folders (more)" in said and not found.labelled
    for path, text in ((pictures / "none", "no such folder"), (pictures / "more", "2 pictures; at least 16")):
        with pytest.raises(UserError, match=text):
            look_at(path, 16)


def test_the_study_suits_pictures_and_minutes_and_can_be_planned(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recipe, "TIMED_SECONDS", 0.1)
    assert main(["new-study", "--folder", str(pictures), "--budget", "10min", "--cores", "2", "--size", "16"]) == 0
    said, text = capsys.readouterr().out, Path("photos.yaml").read_text()
    assert "generator steps per second on this machine" in said and "arXiv:2006.10738" in text and "notes.txt" in text
    plan = expand(load_study("photos.yaml"))
    assert {cell.variant for cell in plan.cells} == {"recipe", "plain_dcgan"}
    settings = plan.cells[0].settings
    assert settings["dataset"]["on_error"] == "skip" and settings["budget"]["g_steps"] > 100
    split = "18 pictures are used for training; samples are scored against the other 4."
    assert split in said and "photos.yaml: 2 runs. Next: gan-bench check" in said
    assert main(["check", "photos.yaml"]) == 0
    checked = capsys.readouterr().out
    assert "pictures: 1 picture is a copy of others: 3.png = copy.png" in checked and f"pictures: {split}" in checked
    assert main(["new-study", "--folder", str(pictures)]) == 2
    assert "photos.yaml: this file already exists" in capsys.readouterr().err


def test_variants_and_steps_follow_the_numbers():
    few, many = choices(200, 10, 2), choices(50_000, 10, 1)
    assert few[0].keys["tricks"] == ["diff_augment", "flips"] and many[0].keys["tricks"] == ["flips"]
    assert len(few) == 2 and len(many) == 1
    assert steps(Choice("a", {}, "", 0.1), minutes=10, runs=2, cores=2) == int(0.85 * 6000)
    assert steps(Choice("a", {}, "", 0.1), minutes=10, runs=2, cores=1) == int(0.85 * 3000)
    assert [minutes_of(text) for text in ("30min", "2h", "5")] == [30, 120, 5]
    with pytest.raises(UserError, match="valid: a time such as"):
        minutes_of("soon")


def test_the_shipped_study_has_the_recipe():
    (cell,) = expand(load_study("photos_small")).cells
    assert cell.settings["ema"] == 0.998 and cell.settings["batch_size"] == 16
    assert [trick["name"] for trick in cell.settings["tricks"]] == ["diff_augment", "flips"]


def test_a_folder_without_enough_pictures_and_a_wrong_data_dir_are_refused_by_check_and_run(
    pictures, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "place"]) == 0
    monkeypatch.chdir("place")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("not a picture")
    (tmp_path / "empty").mkdir()

    def study(folder: str, more: str = "") -> None:
        dataset = f"{{name: image_folder, path: {tmp_path}/{folder}, size: 8{more}}}"
        model = "model: {name: mlp, g_widths: [4], d_widths: [4]}, loss: hinge, optimizer: adam"
        Path("s.yaml").write_text(f"datasets: [{dataset}]\nvariants: [{{{model}}}]\nseeds: 1\nbudget: {{g_steps: 2}}\n")

    for folder, text in (("empty", "no pictures in path"), ("texts", "no pictures in path")):
        study(folder)
        for command in ("check", "run"):
            assert main([command, "s.yaml"]) == 2
            assert text in capsys.readouterr().err
    study("photos/more")  # two pictures
    assert main(["check", "s.yaml"]) == 2 and "too few pictures" in capsys.readouterr().err
    study("photos")
    assert main(["check", "s.yaml"]) == 2 and "2 of 24 files are not usable pictures" in capsys.readouterr().err
    study("photos", ", on_error: skip")
    assert main(["check", "s.yaml"]) == 0 and "only 18 training images, so every batch" in capsys.readouterr().out
    for arguments in (["check", "s.yaml", "--data-dir", "gone"], ["run", "s.yaml", "--config", "data_dir=gone"]):
        assert main(arguments) == 2 and "data_dir 'gone' is no folder" in capsys.readouterr().err
