import json

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features.reference import open_reference, prepare_reference

QUICK = {"name": "classifier", "epochs": 2, "width": 8}


@pytest.fixture(scope="module")
def folder(digits, tmp_path_factory):
    out = tmp_path_factory.mktemp("reference")
    prepare_reference(digits.folder, resolve("features", QUICK), out)
    return out


def test_what_is_stored_is_what_is_read(digits, folder):
    reference = open_reference(folder)
    for split in ("train", "test"):
        stored, again = reference.real(split), reference.extract(digits.images(split))
        np.testing.assert_array_equal(stored.features, again.features)
        np.testing.assert_array_equal(stored.log_probs, again.log_probs)
    assert stored.features.dtype == np.float32
    assert stored.log_probs.dtype == np.float64


def test_the_record(digits, folder):
    record = json.loads((folder / "extractor.json").read_text())
    assert (record["name"], record["dim"], record["settings"]) == ("classifier", 64, resolve("features", QUICK))
    assert record["data"] == {"name": "digits", "digest": digits.digest}
    assert record["counts"] == {"train": 1258, "test": 539}
    assert len(record["sha256"]) == 64
    accuracy = record["report"]["test_accuracy"]
    reference = open_reference(folder)
    assert reference.name == "classifier"
    assert reference.label == f"classifier (digits, {100 * accuracy:.1f} % test accuracy)"


def test_two_preparations_give_the_same_bytes_except_for_times(digits, folder, tmp_path):
    prepare_reference(digits.folder, resolve("features", QUICK), tmp_path)
    names = {path.name for path in folder.iterdir()}
    assert names == {"extractor.safetensors", "features.safetensors", "extractor.json", "status.json"}
    for name in names - {"status.json"}:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    assert json.loads((folder / "status.json").read_text())["seconds"] > 0


def test_the_seed_of_the_settings_is_the_seed_of_the_fit(digits, folder, tmp_path):
    prepare_reference(digits.folder, resolve("features", {**QUICK, "seed": 1}), tmp_path)
    assert (tmp_path / "extractor.safetensors").read_bytes() != (folder / "extractor.safetensors").read_bytes()


@pytest.mark.parametrize("name", ["pixels", "random_conv"])
def test_extractors_without_probabilities(digits, tmp_path, name):
    prepare_reference(digits.folder, resolve("features", name), tmp_path)
    reference = open_reference(tmp_path)
    assert reference.real("test").log_probs is None
    np.testing.assert_array_equal(reference.extract(digits.images("test")).features, reference.real("test").features)
    assert reference.label == f"{name} (digits, {reference.record['dim']}-d)"


def test_images_of_another_kind_are_refused(digits, folder):
    reference = open_reference(folder)
    good = digits.images("test")[:3]
    for bad in (good.astype(np.float32), good[:, :, :4], good[:, 0], good[:0], np.repeat(good, 3, axis=1)):
        with pytest.raises(UserError, match=r"C x H x W = 1x8x8 is needed"):
            reference.extract(bad)


def test_unknown_splits_are_refused(folder):
    with pytest.raises(UserError, match="split 'validation' is not valid; one of train, test"):
        open_reference(folder).real("validation")


@pytest.mark.parametrize("name", ["extractor.safetensors", "features.safetensors"])
def test_damaged_and_missing_files_are_named(digits, tmp_path, name):
    prepare_reference(digits.folder, resolve("features", "random_conv"), tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[-3] ^= 1
    (tmp_path / name).write_bytes(bytes(content))
    with pytest.raises(UserError, match=rf"{name}: damaged"):
        open_reference(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(UserError, match=rf"{name}: no such file"):
        open_reference(tmp_path)


def test_a_folder_without_an_extractor(tmp_path):
    with pytest.raises(UserError, match="no fitted extractor"):
        open_reference(tmp_path)


def test_a_users_own_extractor(digits, tmp_path):
    (tmp_path / "mean_grey.py").write_text(
        '"""Mean grey."""\n'
        "from gan_bench.features import Features\n"
        'FACTS = {"paper": "", "settings": {}, "deviations": [], "needs_labels": False, "probabilities": False}\n'
        "def fit(data, settings, seed):\n    return {}, {}\n"
        "def extract(weights, images, settings, batch_size=256):\n"
        '    return Features(images.mean(axis=(2, 3), dtype="float32"))\n'
    )
    prepare_reference(digits.folder, resolve("features", str(tmp_path / "mean_grey.py")), tmp_path / "out")
    reference = open_reference(tmp_path / "out")
    assert reference.label == "mean_grey (digits, 1-d)"
    assert reference.real("train").features.shape == (1258, 1)
