"""Log lines and tables in the formats of further public programs, with artificial numbers.

An earlier version could not read these formats, or read them wrongly.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from gan_bench.errors import UserError
from gan_bench.logs.read import read_logs

ROWS = 12


def rows(line: str, head: str = "") -> str:
    """`head` and ROWS copies of `line`, numbered by {k}, with {d} = k / 10 + 0.1 and {g} = 2.

    The real part {r} and the fake part {f} are half of {d} each.
    """
    values = [{"k": k, "d": k / 10 + 0.1, "g": 2.0, "r": k / 20 + 0.05, "f": k / 20 + 0.05} for k in range(ROWS)]
    return head + "".join(line.format(**value) + "\n" for value in values)


MATLAB = """Training on single GPU.
|======================================================================|
|  Epoch  |  Iteration  |  Time Elapsed  |  Generator  |  Discriminator  |
|         |             |   (hh:mm:ss)   |    Loss     |      Loss       |
|======================================================================|
"""

#: Name of a file -> its text, and the source of the step number.
FILES = {
    "arrow.txt": (rows("Epoch {k}: Discriminator Loss -> {d} | Generator Loss -> {g}"), "epoch"),
    "meters.txt": (rows("Epoch: [0][{k}/100]\tTime 0.3 (0.4)\tLoss_D {d} (9.0)\tLoss_G {g} (9.0)"), "batch"),
    "bars.txt": (rows("| epoch {k:3d} | {k:5d}/ 600 batches | loss D {d:5.2f} | loss G {g:5.2f}"), "epoch"),
    "super_resolution.log": (
        rows(
            "2021-05-01 12:00:00,1 INFO: [train..][epoch:  0, iter: {k},000, lr:(1.0e-04,)] [eta: 1 day, 2:03:04] "
            "l_g_pix: 1.2e-02 l_g_gan: {g:.4e} l_d_real: {r:.4e} l_d_fake: {f:.4e} out_d_real: 0.9 out_d_fake: 0.1"
        ),
        "iter",
    ),
    "cost.txt": (rows("iter {k}00\ttrain disc cost\t{d}\ttrain gen cost\t{g}\ttime\t0.05"), "iter"),
    "dictionaries.txt": (rows("{{'epoch': {k}, 'lossD': {d}, 'lossG': {g}}}"), "epoch"),
    "spaces.txt": (rows("epoch {k} loss_d {d} loss_g {g}"), "epoch"),
    "words.txt": (rows("Epoch {k:>3} | gen {g:.3f} | disc {d:.3f}"), "epoch"),
    "it.txt": (rows("INFO:root:[rank0] it={k}00 | lossD={d} | lossG={g} | lr=2e-4"), "iter"),
    "halves.txt": (rows(">1, {k}/117, d1={r:.3f}, d2={f:.3f} g={g:.3f}"), "order of rows (no column counts them)"),
    "tabular.txt": (rows("Gen. ({g:+06.2f}) | Discrim. ({d:+06.2f}):  5%|#  | [00:01<01:00,  1.2it/s]"),
                    "order of rows (no column counts them)"),
    "numpy.txt": (rows("epoch {k}: d_loss=np.float64({d}) g_loss=np.float32({g})"), "epoch"),
    "editing.json": (
        "".join(
            json.dumps({"mode": "train", "iter": 100 * k, "loss_disc_real": k / 20 + 0.05, "loss": 9,
                        "loss_disc_fake": k / 20 + 0.05, "loss_disc_fake_g": 2.0}) + "\n"
            for k in range(ROWS)
        ),
        "iter",
    ),
    "list_an_epoch.json": (
        json.dumps({"d": [[k / 10 + 0.1 for k in part] for part in (range(5), range(5, ROWS))],
                    "g": [[2.0] * 5, [2.0] * (ROWS - 5)]}),
        "order of rows (no column counts them)",
    ),
    "steps_and_values.json": (
        json.dumps({"d_loss": [[k, k / 10 + 0.1] for k in range(ROWS)], "g_loss": [[k, 2.0] for k in range(ROWS)]}),
        "order of rows (no column counts them)",
    ),
    "pandas.json": (
        json.dumps({"d_loss": {str(k): k / 10 + 0.1 for k in range(ROWS)}, "g_loss": dict.fromkeys("0123456789ab", 2)})
        .replace('"a"', '"10"').replace('"b"', '"11"'),
        "order of rows (no column counts them)",
    ),
    "no_header.csv": (rows("{k},{d},{g}"), "step"),
    "no_header.log": (rows("{k}\t{d}\t{g}"), "step"),
    "comment_header.dat": (rows("{k} {d} {g}", "# iter D_loss G_loss\n"), "iter"),
    "markdown.md": (rows("| {k} | {d} | {g} |", "| epoch | D loss | G loss |\n|---|---|---|\n"), "epoch"),
    "matlab.txt": (rows("|      1  |     {k:3d}50  |    00:00:{k:02d}    |   {g:.4f}    |     {d:.4f}      |", MATLAB),
                   "Iteration"),
    "critic.json": (
        json.dumps([{"c1": k / 20 + 0.05, "c2": k / 20 + 0.05, "g": 2.0} for k in range(ROWS)]),
        "order of rows (no column counts them)",
    ),
    "critic_history.json": (
        json.dumps({"c1_hist": [k / 20 + 0.05 for k in range(ROWS)], "c2_hist": [k / 20 + 0.05 for k in range(ROWS)],
                    "g_hist": [2.0] * ROWS}),
        "order of rows (no column counts them)",
    ),
    "step_and_epoch.csv": (
        rows("{k},{d},,{g},\n{k},,7,,7", "step,d_loss_step,d_loss_epoch,g_loss_step,g_loss_epoch\n")
        .replace("11,,7,,7\n", ""),
        "step",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_log_is_read_without_being_told(tmp_path: Path, name: str) -> None:
    text, step = FILES[name]
    (tmp_path / name).write_text(text)
    (log,) = read_logs(tmp_path / name)
    assert log.recognised["step"] == step and len(log.history) == ROWS
    assert log.history["d_loss"].tolist() == pytest.approx([k / 10 + 0.1 for k in range(ROWS)], abs=0.006)
    assert (log.history["g_loss"] == 2).all() and (log.history["step"].diff().dropna() > 0).all()


def test_a_decimal_comma_is_a_point(tmp_path: Path) -> None:
    text = "epoch;loss_disc;loss_gen\n" + "".join(f"{k};1,{k};2,5\n" for k in range(9))
    (tmp_path / "a.csv").write_text(text)
    (log,) = read_logs(tmp_path / "a.csv")
    assert log.history["d_loss"][5] == 1.5 and (log.history["g_loss"] == 2.5).all()


@pytest.mark.parametrize(
    ("files", "line", "head"),
    [
        (("G_loss.log", "D_loss_real.log", "D_loss_fake.log", "IS.log"), "{k}: {v}", ""),
        (("run-.-tag-Loss_G.csv", "run-.-tag-Loss_D.csv"), "1.6e9,{k},{v}", "Wall time,Step,Value\n"),
    ],
)
def test_curves_in_files_of_their_own_are_joined(tmp_path: Path, files: tuple[str, ...], line: str, head: str) -> None:
    for number, name in enumerate(files):
        text = "".join(line.format(k=100 * k, v=k + number) + "\n" for k in range(ROWS))
        (tmp_path / name).write_text(head + text)
    for name in files[:2]:
        (log,) = read_logs(tmp_path / name)
        assert log.history["step"].tolist() == [100 * k for k in range(ROWS)]
        assert log.history["g_loss"].tolist() == list(range(ROWS))
        halves = [2 * k + 3 if len(files) > 2 else k + 1 for k in range(ROWS)]
        assert log.history["d_loss"].tolist() == halves
    (tmp_path / files[1]).unlink()
    (tmp_path / files[2 % len(files)]).unlink(missing_ok=True)
    if (tmp_path / files[0]).exists():
        with pytest.raises(UserError, match="no column 'd_loss'"):
            read_logs(tmp_path / files[0])


@pytest.mark.parametrize(
    ("real", "fake"),
    [("Score_D", "Score_G"), ("out_d_real", "out_d_fake"), ("train/logits_real", "train/logits_fake"),
     ("real_validity", "fake_validity")],
)  # fmt: skip
def test_more_names_of_the_outputs_of_d(tmp_path: Path, real: str, fake: str) -> None:
    text = "".join(f"{k},1,2,0.9,{np.round(0.1, 1)}\n" for k in range(ROWS))
    (tmp_path / "a.csv").write_text(f"Epoch,Loss_D,Loss_G,{real},{fake}\n" + text)
    (log,) = read_logs(tmp_path / "a.csv")
    assert (log.history["d_real"] == 0.9).all() and (log.history["d_fake"] == 0.1).all()
