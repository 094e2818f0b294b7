"""`gan-bench detect` judges a log, prints a table for a folder, and draws a picture.

`gan-bench watch` follows a log.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trajectories import LN4, d_won, diverged, scissors, steady

from gan_bench.cli import main
from gan_bench.collapse.answer import MOST_LINES
from gan_bench.collapse.follow import follow, parse_stops
from gan_bench.collapse.inputs import Logged, judge_logs
from gan_bench.errors import UserError


def saved(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False)
    return path


FRAMES = {
    "steady": steady(),
    "won": d_won(LN4).rename(columns={"step": "iter", "d_loss": "errD", "g_loss": "errG"}),
    "scissors": scissors(LN4).assign(**{"D(x)": 0.7, "D(G(z))": 0.3}),
    "diverged": diverged(),
    "short": steady(rows=4),
    "negative": steady().assign(d_loss=lambda frame: -frame["d_loss"]),
}


@pytest.mark.parametrize("loss", [[], ["--loss", "ns"], ["--loss", "ns", "--d-loss", "mean", "--penalty-inside"]])
@pytest.mark.parametrize("name", FRAMES)
def test_an_answer_has_at_most_twelve_lines_and_says_first_what_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture, name: str, loss: list[str]
) -> None:
    path = saved(tmp_path / f"{name}.csv", FRAMES[name])
    assert main(["detect", str(path), *loss]) == 0
    lines = capsys.readouterr().out.strip().splitlines()
    assert len(lines) <= MOST_LINES and lines[0].startswith(f"{path}: {len(FRAMES[name])} rows, comma-separated table;")
    words = [line.partition(":")[0] for line in lines]
    assert words.count("verdict") == 1 and words.index("loss") < words.index("verdict")
    assert words.count("for a failure") <= 2 and words.count("against a failure") <= 2 and words[-1] == "next"


def test_an_answer_names_columns_loss_verdict_and_reasons(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    main(["detect", str(saved(tmp_path / "a.csv", FRAMES["won"])), "--loss", "ns"])
    text = capsys.readouterr().out
    assert "step = iter, d_loss = errD, g_loss = errG" in text
    assert "loss: non saturating, as you said" in text and "verdict: D overpowering, since step 1340" in text
    assert "for a failure: D loss at 2% of its equilibrium" in text and "probability of a failure" in text


def test_an_implausible_loss_is_said_and_judged_as_unknown(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = saved(tmp_path / "a.csv", FRAMES["negative"].assign(g_loss=lambda frame: -frame["g_loss"]))
    main(["detect", str(path), "--loss", "ns"])
    text = capsys.readouterr().out
    assert "not plausible: d_loss is negative in 100% of the rows" in text and "change both signs" in text
    (judged,) = judge_logs(path, Logged("ns"))
    assert judged.document["p_failure"] == judge_logs(path, Logged())[0].document["p_failure"] is not None


def test_two_columns_of_one_network_are_not_judged(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    fall = 0.2 + np.exp(-np.arange(100) / 20)
    path = saved(tmp_path / "a.csv", pd.DataFrame({"epoch": range(100), "train_loss": fall, "val_loss": 1.1 * fall}))
    assert main(["detect", str(path)]) == 2
    assert "found: train_loss, val_loss" in capsys.readouterr().err
    assert main(["detect", str(path), "--columns", "d_loss=train_loss,g_loss=val_loss"]) == 0
    assert "verdict: not judged. Both columns fall together" in capsys.readouterr().out


def test_several_pairs_have_a_verdict_each(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    one, two = steady(), d_won(LN4)
    frame = pd.DataFrame({"step": one["step"], "D_A": one["d_loss"], "G_A": one["g_loss"], "D_B": two["d_loss"]})
    path = saved(tmp_path / "cycle.csv", frame.assign(G_B=two["g_loss"]))
    assert main(["detect", str(path), "--loss", "ns", "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)
    assert [(d["pair"], d["verdict"]) for d in documents] == [("a", "no_sign_found"), ("b", "d_overpowering")]
    assert main(["detect", str(path), "--loss", "ns"]) == 0
    assert capsys.readouterr().out.count("verdict: ") == 2


def test_a_folder_is_a_table_and_tables_without_losses_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    for name in ("won", "steady"):
        saved(tmp_path / f"{name}.csv", FRAMES[name])
    (tmp_path / "a.fid.csv").write_text("step,fid\n1,2\n")
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "run.log").write_text("".join(f"Iter: {k}, D: 1.4, G: 0.7\n" for k in range(30)))
    assert main(["detect", str(tmp_path), "--loss", "ns"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["log", "rows", "verdict", "since", "probability", "loss"] and len(lines) == 5
    assert "D overpowering" in lines[3] and lines[4] == "1 other table without losses of D and G"
    (tmp_path / "bad.csv").write_text("step,d_loss\n1,2\n")
    assert main(["detect", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "not read: " in shown.out and "1 of 5 files could not be judged" in shown.err


@pytest.mark.parametrize("name", FRAMES)
def test_a_picture_of_any_log(tmp_path: Path, name: str, capsys: pytest.CaptureFixture) -> None:
    path, picture = saved(tmp_path / "a.csv", FRAMES[name]), tmp_path / "out" / "a.png"
    assert main(["detect", str(path), "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG") and f"picture: {picture}" in capsys.readouterr().out
    first = picture.read_bytes()
    main(["detect", str(path), "--plot", str(picture)])
    assert picture.read_bytes() == first


def test_the_name_of_a_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "a.csv", FRAMES["steady"])
    assert main(["detect", "a.csv", "--plot"]) == 0 and (tmp_path / "a.png").is_file()
    assert main(["detect", "a.csv", "--plot", "a.doc"]) == 2 and "valid suffixes: .png" in capsys.readouterr().err
    assert main(["detect", ".", "--plot"]) == 2 and "draws one log" in capsys.readouterr().err


class Training:
    """Replaces `sleep` and imitates a training: each call adds 20 rows and a part of the next row to the log."""

    def __init__(self, path: Path, frame: pd.DataFrame) -> None:
        self.path, self.lines, self.at = path, frame.to_csv(index=False).splitlines(keepends=True), 1

    def __call__(self, _seconds: float) -> None:
        if self.at == len(self.lines):
            return
        self.at = min(self.at + 20, len(self.lines))
        half = self.lines[self.at][:4] if self.at < len(self.lines) else ""
        self.path.write_text("".join(self.lines[: self.at]) + half)


def test_a_watch_ends_with_three_at_a_failure(tmp_path: Path) -> None:
    said: list[str] = []
    training = Training(tmp_path / "log.csv", d_won(LN4))
    stops = parse_stops("failure")
    assert follow(training.path, Logged("ns"), stops, 1, None, 20, 3, say=said.append, sleep=training) == 3
    assert training.at < 200 and "since step" in said[-2] and said[-1].startswith(f"{training.path}: ")


def test_a_watch_without_stops_tells_changes_and_ends_when_nothing_comes(tmp_path: Path) -> None:
    said: list[str] = []
    training = Training(tmp_path / "log.csv", d_won(LN4))
    assert follow(training.path, Logged("ns"), frozenset(), 1, 5, 20, 3, say=said.append, sleep=training) == 0
    assert said[0].startswith("step 400: ") and any("now D overpowering" in line for line in said)
    assert len(said) < 8 and training.at == 201


def test_a_watch_says_nan_at_once_and_other_verdicts_are_chosen(tmp_path: Path) -> None:
    path = saved(tmp_path / "log.csv", diverged(rows=8, at=5))
    before = path.read_bytes()
    assert main(["watch", str(path), "--stop-on", "diverged"]) == 3
    assert path.read_bytes() == before
    assert main(["watch", str(path), "--stop-on", "d_overpowering", "--idle", "0"]) == 0
    with pytest.raises(UserError, match="unknown verdict 'diverge'; did you mean 'diverged'"):
        parse_stops("diverge")
    assert main(["watch", str(tmp_path / "absent.csv"), "--idle", "0"]) == 0


@pytest.mark.parametrize(("frame", "code"), [(d_won(LN4), 3), (steady(), 0)])
def test_a_finished_log_fails_at_the_end_of_the_wait(tmp_path: Path, frame: pd.DataFrame, code: int) -> None:
    path = saved(tmp_path / "log.csv", frame)
    assert main(["watch", str(path), "--loss", "ns", "--stop-on", "--every", "0.01", "--idle", "0"]) == code
