"""`gb.detect` on histories in memory and in files, and `gb.Watch` in a plain PyTorch loop."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

import gan_bench as gb
from gan_bench.collapse.answer import stated_probability
from gan_bench.collapse.inputs import detect_file


def losses(n: int = 120) -> dict[str, list[float]]:
    """Losses of a training that D wins: D's loss falls to almost zero."""
    rng = np.random.default_rng(0)
    d = 1.38 * np.exp(-np.arange(n) / 15) + 1e-4 * rng.random(n)
    return {"d_loss": d.tolist(), "g_loss": (0.7 + 8 * (1 - d / 1.4) + 0.1 * rng.random(n)).tolist()}


def test_detect_judges_lists_frames_tensors_and_files_alike(tmp_path):
    columns = losses()
    frame = pd.DataFrame({"step": range(1, 121), **columns})
    frame.to_csv(tmp_path / "log.csv", index=False)
    known = detect_file(tmp_path / "log.csv", "ns")
    tensors = {name: [torch.tensor(value) for value in values] for name, values in columns.items()}
    for verdict in (
        gb.detect(tmp_path / "log.csv", loss="ns"),
        gb.detect(frame, loss="ns"),
        gb.detect(**columns, step=list(range(1, 121)), loss="ns"),
        gb.detect({"step": range(1, 121), **columns}, loss="ns"),
    ):
        assert verdict.document["verdict"] == known["verdict"]
        stated = stated_probability(known)
        assert verdict.probability == (stated and stated[:2])
    assert gb.detect(**tensors, loss="ns").verdict == known["verdict"]
    assert verdict.failed and "verdict: " in str(verdict) and "<pre>" in verdict._repr_html_()
    assert verdict.picture.image.size[0] > 400
    several = gb.detect(tmp_path, loss="ns")
    assert len(several) == 1 and "log.csv" in repr(several)


def test_detect_says_what_is_wrong_with_what_it_was_given():
    for arguments, text in (
        ({}, "both d_loss and g_loss"),
        ({"d_loss": [1.0], "g_loss": [1.0, 2.0]}, "d_loss 1, g_loss 2|g_loss 2, d_loss 1"),
        ({"history": pd.DataFrame({"a": [1.0]}), "d_loss": [1.0]}, "either a log or d_loss"),
        ({"d_loss": [1.0] * 30, "g_loss": [1.0] * 30, "loss": "nss"}, "unknown loss 'nss'"),
    ):
        with pytest.raises(gb.UserError, match=text):
            gb.detect(**arguments)


def test_watch_judges_a_loop_and_stops_it(tmp_path):
    watch = gb.Watch("ns", every=1, total=200, out=tmp_path / "log.csv")
    said = []
    for d_loss, g_loss in zip(*losses().values(), strict=True):
        if verdict := watch.log(torch.tensor(d_loss, requires_grad=True), g_loss):
            said.append(verdict.verdict)
        if watch.failed:
            break
    assert said and watch.failed and 20 <= watch.step < 120
    assert gb.detect(tmp_path / "log.csv", loss="ns").verdict == gb.detect(pd.DataFrame(watch.rows), loss="ns").verdict
    assert "20 rows" not in repr(watch)


def test_watch_says_a_divergence_at_once():
    watch = gb.Watch(every=10)
    assert watch.log(1.0, 1.0) is None
    assert watch.log(math.nan, 1.0).verdict == "diverged" and watch.failed
