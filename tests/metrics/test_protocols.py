"""With `--protocol`, `gan-bench evaluate` makes the choices of another package and gives its numbers."""

import io

import numpy as np
import pytest
import torch
from golden_inputs import walk

from gan_bench.errors import UserError
from gan_bench.features import inception
from gan_bench.files import digest_file
from gan_bench.metrics.inputs import evaluate_files, format_table
from gan_bench.metrics.inputs.protocols import PROTOCOLS

COLOUR = np.random.default_rng(0).integers(0, 256, (8, 3, 16, 16), dtype=np.uint8)


def test_a_protocol_sets_counts_and_settings_and_is_said_beside_the_numbers(save):
    sets = save("real", walk(1, 120, 6)), save("fake", walk(2, 90, 6))
    result = evaluate_files(*sets, protocol="torch-fidelity")
    rows = {row["name"]: row for row in result["metrics"]}
    assert (rows["frechet"]["n_real"], rows["frechet"]["n_fake"]) == (120, 90)
    assert {"kid_subsets", "inception_score_10", "precision", "recall"} <= set(rows) and "one_nn" not in rows
    line = next(line for line in format_table(result).splitlines() if line.startswith("protocol: "))
    assert "torch-fidelity: all given images; features as given (their extractor is not checked)" in line


def test_dgm_eval_compares_equal_numbers_of_neighbours_and_kids_subsets_shrink(save):
    """As in dgm_eval, precision, recall, density and coverage use equal numbers of rows, at most 10,000.

    A subset of KID has at most as many rows as the smaller set. The rules are in dgm_eval/__main__.py and
    metrics/mmd.py.
    """
    sets = save("real", walk(1, 120, 6)), save("fake", walk(2, 90, 6))
    result = evaluate_files(*sets, protocol="dgm-eval")
    rows = {row["name"]: row for row in result["metrics"]}
    counts = {name: (row["n_real"], row["n_fake"]) for name, row in rows.items()}
    assert counts["frechet"] == counts["kid_subsets"] == counts["auth_pct"] == (120, 90)
    assert counts["precision"] == counts["coverage"] == (90, 90) and rows["precision"]["value"] is not None
    settings = {ref["name"]: ref for ref in result["protocol"]["metrics"]}
    assert settings["precision_recall"]["k"] == 5 and settings["precision_recall"]["inclusive"] is False
    assert settings["kid"]["subset_size"] == 90 and rows["kid_subsets"]["value"] is not None
    assert PROTOCOLS["dgm-eval"].family({"name": "density_coverage"}, (50_000, 30_000))[1] == (10_000, 10_000)
    assert "dgm-eval uses ViT-L/14" in result["protocol"]["name"] and "c_t" not in rows


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protocol": "cleanfid"}, "unknown protocol 'cleanfid'; did you mean 'clean-fid'"),
        ({"protocol": "clean-fid", "resize": "8"}, "leave --n and --resize out"),
        ({"protocol": "torch-fidelity", "n": 4}, "leave --n and --resize out"),
        (
            {"protocol": "clean-fid", "extractor": "pixels"},
            "uses the extractor 'inception', but --extractor is 'pixels'",
        ),
    ],
)
def test_what_a_protocol_does_not_allow(save, options, message):
    with pytest.raises(UserError, match=message):
        evaluate_files(save("real", COLOUR), save("fake", COLOUR[::-1] // 2), **options)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights of Inception's names and shapes."""
    module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    kind, empty = module.FeatureExtractorInceptionV3, io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "load_state_dict", lambda self, state: None)
        network = kind("inception", inception.NAMES, feature_extractor_weights_path=empty)
    draws = torch.Generator().manual_seed(0)
    state = network.state_dict()
    for name, value in state.items():
        if value.is_floating_point() and value.dim() > 1:
            state[name] = torch.randn(value.shape, generator=draws) * (2 / value[0].numel()) ** 0.5
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


def test_numbers_of_torch_fidelity(save, pictures, weights):
    fidelity = pytest.importorskip("torch_fidelity")
    real, fake = (
        pictures("r", COLOUR),
        pictures("f", np.random.default_rng(1).integers(0, 200, (6, 3, 16, 16), np.uint8)),
    )
    theirs = fidelity.calculate_metrics(
        input1=str(fake), input2=str(real), fid=True, cuda=False, verbose=False, cache=False, save_cpu_ram=True,
        feature_extractor_weights_path=str(weights),
    )  # fmt: skip
    extractor = f'{{"name": "inception", "weights": "{weights}", "sha256": "{digest_file(weights)}"}}'
    ours = evaluate_files(real, fake, protocol="torch-fidelity", extractor=extractor, metrics=["frechet"])
    assert ours["metrics"][0]["value"] == pytest.approx(theirs["frechet_inception_distance"], rel=1e-4)
    assert "torch-fidelity" in ours["protocol"]["name"]
