"""Flawed inputs, which an earlier version scored without a warning, are refused, or reported with examples."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from workflow_tree import ROOT

from gan_bench.errors import UserError
from gan_bench.metrics.inputs import evaluate_files, forensics, format_table
from gan_bench.metrics.inputs.forensics import examine, names
from gan_bench.metrics.inputs.kinds import Target
from gan_bench.metrics.inputs.load import load_sets

COUNT, SIZE = 16, 64


def scene(seed: int) -> Image.Image:
    """A colour picture with edges, gradients and sensor noise, drawn at twice the size and reduced."""
    rng = np.random.default_rng(seed)
    side = 2 * SIZE
    y, x = np.mgrid[:side, :side] / side
    pixels = np.stack([60 + 80 * x * rng.random() + 80 * y * rng.random() for _ in range(3)], -1)
    for _ in range(12):
        cx, cy, radius = rng.random(), rng.random(), 0.05 + 0.2 * rng.random()
        pixels[(x - cx) ** 2 + (y - cy) ** 2 < radius**2] = rng.integers(20, 230, 3)
    pixels += rng.normal(0, 12, pixels.shape)
    return Image.fromarray(pixels.clip(3, 250).astype(np.uint8)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def jpeg(picture: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=85)
    return Image.open(stream).convert("RGB")


def stretched(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture).astype(float)
    pixels = (pixels - pixels.min()) / (pixels.max() - pixels.min()) * 255
    return Image.fromarray(pixels.round().astype(np.uint8))


def enlarged(picture: Image.Image, method: Image.Resampling) -> Image.Image:
    return picture.resize((SIZE // 2, SIZE // 2), Image.Resampling.BICUBIC).resize((SIZE, SIZE), method)


@pytest.fixture(scope="module")
def real() -> list[Image.Image]:
    return [scene(seed) for seed in range(COUNT)]


@pytest.fixture(scope="module")
def other() -> list[Image.Image]:
    return [scene(1000 + seed) for seed in range(COUNT)]


@pytest.fixture
def folder(tmp_path: Path):
    """folder(name, pictures): a folder of PNG files."""

    def saved(name: str, pictures: list[Image.Image]) -> Path:
        (tmp_path / name).mkdir()
        for i, picture in enumerate(pictures):
            picture.save(tmp_path / name / f"{name}{i:02d}.png")
        return tmp_path / name

    return saved


def findings(real: Path, fake: Path, train: Path | None = None) -> dict[str, str]:
    real_set, fake_set, *rest = load_sets([real, fake, *([train] if train else [])])
    return {finding["finding"]: finding["text"] for finding in examine(real_set, fake_set, rest[0] if rest else None)}


def test_clean_pictures_have_no_findings(folder, real, other):
    train = folder("t", [scene(2000 + seed) for seed in range(COUNT)])
    assert findings(folder("r", real), folder("f", other), train) == {}


CHANGES = {
    "jpeg_traces": jpeg,
    "grey_among_colour": lambda picture: picture.convert("L").convert("RGB"),
    "minmax_stretch": stretched,
    "resampling_traces": lambda picture: enlarged(picture, Image.Resampling.BICUBIC),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_one_side_is_found_with_counts_and_two_examples(folder, real, other, name):
    clean, changed = folder("r", real), folder("f", [CHANGES[name](picture) for picture in other])
    for sets, examples in (((clean, changed), "f00.png and f01.png"), ((changed, clean), "f00.png and f01.png")):
        text = findings(*sets)
        assert list(text) == [name]
        assert f"{COUNT} of {COUNT}" in text[name] and f"0 of {COUNT}" in text[name]
        assert examples in text[name] and text[name].count(".png") == 2


def test_a_change_of_both_sides_is_none_of_one(folder, real, other):
    for name, change in CHANGES.items():
        both = folder(name, [change(p) for p in real]), folder(f"{name}2", [change(p) for p in other])
        assert findings(*both) == {}, name


def test_doubled_pixels(folder, real, other):
    fake = [enlarged(picture, Image.Resampling.NEAREST) for picture in other]
    assert "pixels in equal pairs" in findings(folder("r", real), folder("f", fake))["resampling_traces"]


def test_half_of_the_generated_pictures_are_grey(folder, real, other):
    half = [p.convert("L").convert("RGB") if i % 2 else p for i, p in enumerate(other)]
    text = findings(folder("r", real), folder("f", half))["grey_among_colour"]
    assert text.startswith(f"{COUNT // 2} of {COUNT} generated and 0 of {COUNT} real images are grey")
    assert "f01.png and f03.png" in text


def test_a_folder_against_itself(folder, real):
    itself = folder("r", real)
    text = findings(itself, itself)["identical_sets"]
    assert f"the same {COUNT} images, such as r00.png = r00.png and r01.png = r01.png" in text


def test_features_against_themselves(tmp_path):
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(40, 3)))
    result = evaluate_files(tmp_path / "a.npy", tmp_path / "a.npy", metrics=["frechet"])
    assert [finding["finding"] for finding in result["findings"]] == ["identical_sets"]
    assert format_table(result).startswith("finding: The real and the generated set contain the same 40 rows")


@pytest.mark.parametrize(
    "change", [jpeg, lambda p: p.filter(ImageFilter.GaussianBlur(0.7)), lambda p: p.point(lambda v: min(v + 3, 255))]
)
def test_near_copies(folder, real, other, change):
    fake = [*map(change, real[:5]), *other[5:]]
    text = findings(folder("r", real), folder("f", fake))["identical_sets"]
    assert text.startswith(f"5 of {COUNT} generated images are near copies of real images, such as f00.png = r00.png")


def test_copies_of_training_images_and_test_images_in_training(folder, real, other):
    train = folder("t", [*other[:3], *real[:2], *[scene(3000 + i) for i in range(10)]])
    found = findings(folder("r", real), folder("f", other), train)
    assert f"3 of {COUNT} generated images equal training images, such as f00.png = t00.png" in found["training_copies"]
    assert f"2 of {COUNT} real images equal training images, such as r00.png = t03.png" in found["test_in_training"]


def test_the_silent_cases_are_refused(folder, real):
    """In an earlier version, each of these pairs of folders had a Fréchet distance of 0."""
    colour = folder("r", real)
    grey = folder("g", [p.convert("L") for p in real])
    deep = folder("d", [Image.fromarray(np.asarray(p.convert("L")).astype(np.uint16) * 257) for p in real])
    for copies in (grey, deep):
        with pytest.raises(UserError, match=r"differ in channels.*--channels 1"):
            evaluate_files(colour, copies, metrics=["frechet"])
    with pytest.raises(UserError, match=r"differ in size.*--resize 32"):
        evaluate_files(colour, folder("s", [p.resize((32, 32)) for p in real]), metrics=["frechet"])
    with pytest.raises(UserError, match=r"differ in size.*--resize 32"):
        evaluate_files(colour, folder("m", [real[0].resize((32, 32)), *real[1:]]), metrics=["frechet"])
    # 8-bit pictures and their 16-bit copies are the same pictures. The report says so.
    levels = load_sets([grey, deep], Target.of(None, None))
    np.testing.assert_array_equal(levels[0].array, levels[1].array)
    assert "16 bits" in levels[1].kind.sentence()
    assert list(findings(grey, deep)) == ["identical_sets"]


def test_strict_makes_findings_errors(folder, real, other):
    sets = folder("r", real), folder("f", [jpeg(picture) for picture in other])
    assert evaluate_files(*sets, metrics=["frechet"])["findings"][0]["finding"] == "jpeg_traces"
    with pytest.raises(UserError, match=r"^jpeg_traces: 16 of 16 generated and 0 of 16 real"):
        evaluate_files(*sets, metrics=["frechet"], strict=True)


def test_a_finding_is_one_new_file(folder, real, other, tmp_path, monkeypatch):
    new = tmp_path / "bright_sets.py"
    new.write_text('"""Bright pictures."""\nREADS = "images"\ndef find(sets):\n    return ["A sentence."]\n')
    monkeypatch.setattr(forensics, "__path__", [*forensics.__path__, str(tmp_path)])
    assert findings(folder("r", real), folder("f", other)) == {"bright_sets": "A sentence."}
    monkeypatch.delitem(sys.modules, "gan_bench.metrics.inputs.forensics.bright_sets")


def test_the_page_names_every_finding():
    page = (ROOT / "docs" / "inputs.md").read_text()
    assert [name for name in names() if f"`{name}`" not in page] == []
