"""Most log formats and naming styles are recognised without options, on artificial files."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gan_bench.errors import UserError
from gan_bench.logs import formats
from gan_bench.logs.formats import all_formats
from gan_bench.logs.log import Log
from gan_bench.logs.read import read_logs

ROWS = 12


def rows(line: Callable[[int], str], head: str = "") -> str:
    return head + "".join(line(k) for k in range(ROWS))


def records(make: Callable[[int], dict]) -> list[dict]:
    return [make(k) for k in range(ROWS)]


def log_of(folder: Path, name: str, text: str) -> Log:
    (folder / name).write_text(text, encoding="utf-8")
    (log,) = read_logs(folder / name)
    return log


STYLEGAN = records(
    lambda k: {
        "Progress/kimg": {"num": 1, "mean": 4.032 * k, "std": 0.0},
        "Loss/G/loss": {"num": 9, "mean": 2.0, "std": 0.1},
        "Loss/D/loss": {"num": 9, "mean": k / 10, "std": 0.1},
        "Loss/D/reg": {"num": 9, "mean": 5.0, "std": 0.1},
        "Loss/scores/real": {"num": 9, "mean": 0.4, "std": 1.0},
        "Loss/scores/fake": {"num": 9, "mean": -0.4, "std": 1.0},
        "timestamp": 99.0 + k,
    }
)
CHAINER = records(lambda k: {"epoch": 0, "iteration": 100 * k, "gen/loss": 2.0, "dis/loss": k / 10, "elapsed_time": 5})
NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# D loss: 3"]},
        {"cell_type": "code", "outputs": [{"output_type": "stream", "text": ["loss_G: 1\n"]}]},
        {
            "cell_type": "code",
            "outputs": [
                {"text": [f"Epoch {k}/2... Discriminator Loss: {k / 10}... Generator Loss: 2\n" for k in range(ROWS)]}
            ],
        },
    ],
}  # fmt: skip

#: Name of a file -> its text, and the source of the step number. In row k, d_loss is k / 10 and g_loss is 2.
FILES = {
    "epochs.csv": (rows(lambda k: f"{k},2,{k / 10}\n", "epoch,loss_G,loss_D\n"), "epoch"),
    "dcgan.csv": (
        rows(lambda k: f"{k // 4},{k % 4},{k / 10},2,.9,.1\n", "Epoch,Batch,errD,errG,D(x),D(G(z))\n"),
        "Epoch x 4 + Batch",
    ),
    "index.csv": (
        rows(lambda k: f"{k},2,{k / 10},5,6\n", ",G_loss/train,D_loss/train,G_loss/val,D_loss/val\n"),
        "column without a name",
    ),
    "titles.tsv": (rows(lambda k: f"{k}\t2\t{k / 10}\n", "iter\tGenerator Loss\tDiscriminator Loss\n"), "iter"),
    "semicolons.csv": (rows(lambda k: f"{k};2;{k / 10}\n", "it;loss_gen;loss_dis\n"), "it"),
    "spaces.log": (rows(lambda k: f"{k} 2 {k / 10}\n", "step g_loss d_loss\n"), "step"),
    "order.csv": (rows(lambda k: f"2,{k / 10}\n", "GLoss,DLoss\n"), "order of rows (no column counts them)"),
    "kimg.csv": (rows(lambda k: f"{4.1 * k:.1f},2,{k / 10}\n", "kimg,Loss/G/loss,Loss/D/loss\n"), "kimg x 1000"),
    "tensors.csv": (rows(lambda k: f"{k},2,\"tensor({k / 10}, device='cuda:0')\"\n", "step,loss_G,loss_D\n"), "step"),
    "lightning.csv": (
        rows(
            lambda k: f"{k / 10},0,,{50 * k},\n,0,2,{50 * k},\n" + (f",0,,{50 * k + 1},33\n" if k % 4 == 3 else ""),
            "d_loss,epoch,g_loss,step,val_fid\n",
        ),
        "step",
    ),
    "wandb.csv": (
        rows(
            lambda k: f'"{k}","{k / 10}","0","1","2"\n',
            '"Step","run-a - D/loss","run-a - D/loss__MIN","run-a - D/loss__MAX","run-a - G/loss"\n',
        ),
        "Step",
    ),
    "mlflow.csv": (
        rows(lambda k: f"x,d_loss,{k / 10},{k},9\nx,g_loss,2,{k},9\n", "run_id,key,value,step,timestamp\n"),
        "step",
    ),
    "keras_batches.txt": (rows(lambda k: f"{k} [D loss: {k / 10}, acc.: 55.0%] [G loss: 2]\n"), "step"),
    "keras_epochs.log": (
        rows(lambda k: f"Epoch {k + 1}/12\n63/63 ━━━━ 5s 70ms/step - d_loss: {k / 10} - g_loss: 2\n"),
        "epoch",
    ),
    "keras_bars.log": (
        rows(
            lambda k: (
                ("" if k % 3 else f"\nEpoch {k // 3}/4\n") + f"\r{k % 3 + 1}/3 ━━ 5s - d_loss: {k / 10} - g_loss: 2"
            )
        ),
        "epoch x 3 + batch",
    ),
    "tutorial.txt": (
        rows(
            lambda k: (
                f"[{k // 4}/5][{k % 4 * 50}/1583]\tLoss_D: {k / 10}\tLoss_G: 2\tD(x): 0.93\tD(G(z)): 0.14 / 0.05\n"
            ),
            "Starting Training Loop...\n",
        ),
        "epoch x 1583 + batch",
    ),
    "course.txt": (rows(lambda k: f"Iter: {250 * k}, D: {k / 10}, G:2\n"), "iter"),
    "brackets.txt": (rows(lambda k: f"[Epoch {k}/150] [D loss: {k / 10}] [G loss: 2]\n"), "epoch"),
    "batches.txt": (
        rows(lambda k: f"[Epoch {k // 4}/200] [Batch {k % 4}/938] [D loss: {k / 10}] [G loss: 2]\n"),
        "epoch x 938 + batch",
    ),
    "several_lines.txt": (rows(lambda k: f"Epoch {k}\n  Loss D: {k / 10}\n  Loss G: 2\n"), "epoch"),
    "studiogan.log": (
        rows(
            lambda k: (
                f"[INFO] 2021-01-15 12:43:05 > Step: {100 * k}\t Progress: 0.1%\t Elapsed: 0:02:40\t temperature: 1.0"
                f"  ada_p: 0.0  Discriminator_loss: {k / 10}  Generator_loss: 2  \n"
            ),
            "[INFO] 2021-01-15 12:43:05 > Modules are located on cuda\n",
        ),
        "step",
    ),
    "pix2pix_loss_log.txt": (
        rows(
            lambda k: (
                f"(epoch: {1 + k // 6}, iters: {k % 6 * 100 + 100}, time: 0.322, data: 0.262) G_GAN: 2 G_L1: 20 "
                f"D_real: {k / 20} D_fake: {k / 20} \n"
            ),
            "================ Training Loss (Fri Nov 28) ================\n",
        ),
        "epoch x 600 + iter",
    ),
    "stats.jsonl": ("".join(json.dumps(record) + "\n" for record in STYLEGAN), "Progress/kimg x 1000"),
    "log": (json.dumps(CHAINER, indent=2), "iteration"),
    "history.json": (
        json.dumps({"d_loss": [k / 10 for k in range(ROWS)], "g_loss": [2.0] * ROWS}),
        "order of rows (no column counts them)",
    ),
    "notebook.ipynb": (json.dumps(NOTEBOOK), "epoch"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_log_is_read_without_being_told(tmp_path: Path, name: str) -> None:
    text, step = FILES[name]
    log = log_of(tmp_path, name, text)
    assert log.recognised["step"] == step and len(log.history) == ROWS
    assert log.history["d_loss"].tolist() == pytest.approx([k / 10 for k in range(ROWS)])
    assert (log.history["g_loss"] == 2).all() and (log.history["step"].diff().dropna() > 0).all()


@pytest.mark.parametrize(
    ("name", "real", "fake"), [("dcgan.csv", 0.9, 0.1), ("tutorial.txt", 0.93, 0.14), ("stats.jsonl", 0.4, -0.4)]
)
def test_outputs_of_d_are_recognised(tmp_path: Path, name: str, real: float, fake: float) -> None:
    log = log_of(tmp_path, name, FILES[name][0])
    assert (log.history["d_real"] == real).all() and (log.history["d_fake"] == fake).all()


def test_numpy_arrays(tmp_path: Path) -> None:
    d, g = np.arange(ROWS) / 10, np.full(ROWS, 2.0)
    np.save(tmp_path / "D_losses.npy", d)
    np.save(tmp_path / "G_losses.npy", g)
    np.save(tmp_path / "both.npy", np.stack([d, g], axis=1))
    np.savez(tmp_path / "named.npz", loss_D=d, loss_G=g)
    for name in ("D_losses.npy", "G_losses.npy", "both.npy", "named.npz"):
        (log,) = read_logs(tmp_path / name)
        assert log.history["d_loss"].tolist() == d.tolist() and log.history["g_loss"].tolist() == g.tolist(), name
    assert "d_loss, g_loss, in this order" in read_logs(tmp_path / "both.npy")[0].notes[0]
    np.save(tmp_path / "image.npy", np.zeros((3, 8, 8)))
    with pytest.raises(UserError, match=r"shape \(3, 8, 8\)"):
        read_logs(tmp_path / "image.npy")


def test_several_pairs_are_several_logs(tmp_path: Path) -> None:
    line = (
        "(epoch: {}, iters: 100, time: 0.3, data: 0.2) D_A: 0.2 G_A: 0.3 cycle_A: 1.2 idt_A: 0.5 D_B: 0.4 G_B: 0.6 \n"
    )
    (tmp_path / "loss_log.txt").write_text(rows(line.format))
    first, second = read_logs(tmp_path / "loss_log.txt")
    assert (first.pair, second.pair) == ("a", "b") and first.d_loss_is == "mean"
    assert first.history[["d_loss", "g_loss"]].iloc[0].tolist() == [0.2, 0.3]
    assert second.history[["d_loss", "g_loss"]].iloc[0].tolist() == [0.4, 0.6]
    (tmp_path / "several.txt").write_text(
        rows(lambda k: f"(epoch: {k}, iters: 8) D: 0.1 0.2 | G: 0.5 0.6 | Cyc: 1 2\n")
    )
    assert [log.history["d_loss"][0] for log in read_logs(tmp_path / "several.txt")] == [0.1, 0.2]
    (tmp_path / "ab.csv").write_text(rows(lambda k: f"{k},1,2,3,4\n", "step,loss_D_A,loss_D_B,loss_G_A2B,loss_G_B2A\n"))
    assert [(log.pair, log.history["g_loss"][0]) for log in read_logs(tmp_path / "ab.csv")] == [("a", 4.0), ("b", 3.0)]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("diffusion.csv", "epoch,train_loss,val_loss\n1,2,3\n", "found: train_loss, val_loss"),
        ("diary.txt", "hello\nworld 3 4\n", "not recognised as a log of losses: line 1 is 'hello'"),
        ("a.jsonl", '{"d_loss": 1, "g_loss": 2}\n{"d_loss": 1,\n', "line 2 is not a JSON object"),
        ("a.json", '{"d_loss": 1', "not a readable JSON file"),
        ("a.json", '{"d_loss": 1}', "neither a list of records nor"),
        ("a.ipynb", '{"cells": 3}', "not a readable notebook"),
        ("a.ipynb", '{"cells": [], "nbformat": 4}', "no output of a cell prints losses"),
        ("a.csv", "step,loss_D,loss_G\n1,2,3\n2,x,3\n", "column 'loss_D', data row 2 holds 'x'"),
        ("a.npy", "no array", "not a readable NumPy file"),
    ],
)
def test_what_cannot_be_read_names_the_line_or_the_candidates(
    tmp_path: Path, name: str, text: str, sentence: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError) as caught:
        read_logs(tmp_path / name)
    assert sentence in str(caught.value) and name in str(caught.value) and "\n" not in str(caught.value)


def test_every_format_says_what_it_is() -> None:
    assert len({module.NAME for module in all_formats()}) == len(all_formats()) == 9
    assert all(module.__doc__ for module in all_formats())


def test_a_growing_file_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(rows(lambda k: f"{k},{k / 10},2\n", "step,d_loss,g_loss\n") + "12,0.")
    assert len(read_logs(path, growing=True)[0].history) == ROWS


def test_a_new_format_is_one_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "from gan_bench.logs.log import Table\nNAME = 'pairs'\n"
        "def score(source): return 1.0 if source.head.startswith(b'PAIRS') else 0.0\n"
        "def read(source): return Table({'d_loss': [1.0] * 3, 'g_loss': [2.0] * 3}, 'pairs')\n"
    )
    (tmp_path / "pairs_of_numbers.py").write_text(code)
    (tmp_path / "log.xyz").write_text("PAIRS")
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    all_formats.cache_clear()
    try:
        assert read_logs(tmp_path / "log.xyz")[0].recognised["format"] == "pairs"
    finally:
        all_formats.cache_clear()
