"""The meaning of columns is inferred from their names, and the right columns are chosen."""

from pathlib import Path

import numpy as np
import pytest

from gan_bench.errors import UserError
from gan_bench.logs.log import SIGNALS
from gan_bench.logs.names import Meaning, meaning
from gan_bench.logs.read import read_logs


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (
            "D",
            "d_loss loss_D errD D_loss/train DLoss lossD dis/loss discriminator_loss Loss/D/loss critic_loss D",
        ),
        (
            "G",
            "g_loss loss_G errG G_loss/train GLoss lossG gen/loss generator_loss Loss/G/loss loss_gen G gan_loss",
        ),
    ],
)
def test_names_of_losses(role: str, names: str) -> None:
    for name in [*names.split(), "Generator Loss" if role == "G" else "Discriminator Loss"]:
        assert (meaning(name).kind, meaning(name).role, meaning(name).half) == ("loss", role, ""), name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RealDiscLoss", Meaning("loss", "D", "real", "", 2)),
        ("FakeDiscLoss", Meaning("loss", "D", "fake", "", 2)),
        ("gendiscloss", Meaning("loss", "D", "fake", "", 2)),
        ("loss_D_A", Meaning("loss", "D", "", "a", 2)),
        ("G_AB", Meaning("loss", "G", "", "b", 3)),
        ("G_GAN", Meaning("loss", "G", "", "", 1)),
        ("D(x)", Meaning("output", "d_real")),
        ("D(G(z))", Meaning("output", "d_fake")),
        ("Loss/scores/fake", Meaning("output", "d_fake")),
        ("trainer/global_step", Meaning("step", "trainerglobalstep")),
        ("Unnamed: 0", Meaning("step", "unnamed0")),
    ],
)
def test_halves_pairs_outputs_and_steps(name: str, expected: Meaning) -> None:
    assert meaning(name) == expected


@pytest.mark.parametrize(
    "name",
    ["d_acc_top", "G_L1", "cycle_A", "lr_D", "train_loss", "val_loss", "D_grad_norm", "Loss/r1_penalty", "Loss/D/reg",
     "loss", "g_cls_loss", "D/loss__MIN", "fid", "data", "gradient", "Loss/signs/real", "time"],
)  # fmt: skip
def test_other_quantities_are_no_losses(name: str) -> None:
    assert meaning(name).kind == "other"


def csv(path: Path, header: str, line: str, rows: int = 12) -> Path:
    path.write_text(header + "\n" + "".join(line.format(k=k) + "\n" for k in range(rows)))
    return path


@pytest.mark.parametrize(
    ("total", "words"), [("3", "(= d_loss_all)"), ("1.5", "is their mean"), ("7", "has other terms in it")]
)
def test_halves_are_preferred_and_compared_with_the_total(tmp_path: Path, total: str, words: str) -> None:
    path = csv(tmp_path / "a.csv", "step,loss_D_real,loss_D_fake,d_loss_all,loss_G", "{k},1,2," + total + ",5")
    (log,) = read_logs(path)
    assert (log.history["d_loss"] == 3).all() and log.recognised["d_loss"].startswith("loss_D_real + loss_D_fake")
    assert words in log.recognised["d_loss"]


def test_columns_of_the_user_overrule_the_names(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", "step,d_loss,g_loss,a,b,when", "{k},1,2,3,4,{k}5")
    (log,) = read_logs(path, {"d_loss": "a+b", "g_loss": "d_loss", "step": "when"})
    assert (log.history["d_loss"] == 7).all() and (log.history["g_loss"] == 1).all() and log.history["step"][1] == 15
    with pytest.raises(UserError, match="no column 'c', which --columns names for 'd_loss'; found: step, d_loss"):
        read_logs(path, {"d_loss": "a+c"})


def test_the_adversarial_term_is_preferred_to_a_total(tmp_path: Path) -> None:
    (log,) = read_logs(csv(tmp_path / "a.csv", "gen_total_loss,gen_gan_loss,gen_l1_loss,disc_loss", "9,{k},8,1"))
    assert log.recognised["g_loss"] == "gen_gan_loss" and log.history["g_loss"].tolist() == list(range(12))


def test_losses_in_different_rows_keep_their_last_value(tmp_path: Path) -> None:
    text = "".join(f"{k},{k},\n" if k % 5 else f"{k},{k},{10 * k}\n" for k in range(40))
    (tmp_path / "a.csv").write_text("step,d_loss,g_loss\n" + text)
    (log,) = read_logs(tmp_path / "a.csv")
    assert len(log.history) == 40 and log.history["g_loss"][37] == 350 and "different rows" in log.notes[0]


def test_a_resumed_training_counts_its_last_rows(tmp_path: Path) -> None:
    rows = [*range(20), *range(15, 25)]
    (tmp_path / "a.csv").write_text("step,d_loss,g_loss\n" + "".join(f"{k},{i},1\n" for i, k in enumerate(rows)))
    (log,) = read_logs(tmp_path / "a.csv")
    assert log.history["step"].tolist() == list(range(25)) and log.history["d_loss"][15] == 20
    assert "5 rows were left out because their step is logged again later" in log.notes[0]


def test_signals_are_those_of_the_detector() -> None:
    from gan_bench.collapse.normalisation import COLUMNS
    from gan_bench.collapse.trajectory import OPTIONAL

    assert set(SIGNALS) == {*OPTIONAL, *COLUMNS["diversity"], "penalty"}
    assert np.all([meaning(name).kind == "signal" for name in SIGNALS])
