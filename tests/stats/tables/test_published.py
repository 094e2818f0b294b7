"""Published numbers are matched with ours, and each difference between the protocols is listed."""

from pathlib import Path

import pandas as pd
import pytest
from fabricate import fabricate_study

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.registry import component, names
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.published_numbers import HARD, published_digest, read_published
from gan_bench.stats.tables.published_table import COLUMNS
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.table_files import read_csv

FILE = """
source: Someone 2020, Table 1
evidence: read in the paper
spread_is: standard deviation over runs
protocol: {extractor: made-up-classifier, n_real: 200, n_fake: 200, split: test, runs: 5}
rows:
  - {name: NS GAN, dataset: digits, match: {loss: non_saturating}, metric: fid, value: 9.5, spread: 0.5}
  - {name: BEGAN, dataset: digits, match: {loss: began}, metric: fid, value: 7}
  - {name: elsewhere, dataset: mnist, match: {loss: non_saturating}, metric: fid, value: 1}
  - {name: other metric, dataset: digits, match: {loss: non_saturating}, metric: kid, value: 1}
"""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of published numbers in the current folder."""
    folder = tmp_path / "here/config/published"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    (folder / "someone.yaml").write_text(FILE)
    return folder


def _tabled(folder: Path, **settings) -> tuple[pd.DataFrame, str]:
    fabricate_study(folder, **settings)
    collect(folder, complete=False)
    write_tables(folder)
    return read_csv(folder / "tables/published.csv"), (folder / "tables/published.md").read_text()


def test_the_same_protocol_is_comparable(published: Path, tmp_path: Path) -> None:
    table, text = _tabled(tmp_path / "study")
    assert list(table.columns) == COLUMNS and table["published_name"].tolist() == ["NS GAN", "BEGAN"]
    row = table.iloc[0]
    assert (row["variant"], row["published"], row["comparable"]) == ("DCGAN", 9.5, "yes")
    assert row["obtained"] == pytest.approx((10 * 11 * 12) ** (1 / 3))
    assert row["differences"] == "runs: 5 there, 3 here" and row["n_scored"] == 3
    assert "| Fréchet distance | NS GAN | 9.5 ± 0.5 | DCGAN | 11.0 [8.7, 13.8] (3/3) | yes |" in text
    assert table.iloc[1]["differences"] == "no variant of this study has these parts: loss began"
    assert "Someone 2020, Table 1 (±: standard deviation over runs). runs: 5 there, 3 here." in text


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("made-up-classifier", "Inception-v3", "extractor: Inception-v3 there, made-up-classifier here"),
        ("n_fake: 200", "n_fake: 50000", "n_fake: 50000 there, 200 here"),
        ("n_real: 200, ", "", "n_real: not stated there, 200 here"),
        ("split: test", "split: train", "split: train there, test here"),
    ],
)
def test_another_protocol_is_not(published: Path, tmp_path: Path, old: str, new: str, difference: str) -> None:
    (published / "someone.yaml").write_text(FILE.replace(old, new))
    row = _tabled(tmp_path / "study")[0].iloc[0]
    assert row["comparable"] == "no" and difference in row["differences"].split("; ")


def test_what_is_only_printed_makes_nothing_incomparable(published: Path, tmp_path: Path) -> None:
    more = "runs: 3, images: 77, selection: best checkpoint, estimator: theirs, also: [they did it otherwise]"
    (published / "someone.yaml").write_text(FILE.replace("runs: 5", more))
    row = _tabled(tmp_path / "study")[0].iloc[0]
    assert row["comparable"] == "yes"
    named = row["differences"].split("; ")
    assert (
        named[0].startswith("real images shown: 77 there") and named[1] == "selection: best checkpoint there, none here"
    )
    assert named[2].startswith("estimator: theirs there") and named[3] == "there: they did it otherwise"


def test_no_run_of_ours_compares_with_nothing(published: Path, tmp_path: Path) -> None:
    outcomes = {("digits", "DCGAN", seed): "diverged" for seed in range(3)}
    row = _tabled(tmp_path / "study", outcomes=outcomes)[0].iloc[0]
    assert row["comparable"] == "no" and row["differences"].startswith("no run of this study was scored")


def test_nothing_published_is_said(published: Path, tmp_path: Path) -> None:
    (published / "someone.yaml").unlink()
    table, text = _tabled(tmp_path / "study")
    assert table.empty and "No published number is stored" in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: Someone", "sauce: Someone", "unknown key 'sauce'; did you mean 'source'"),
        ("n_fake: 200", "n_fake: many", "n_fake is 'many'; a whole number or null is needed"),
        ("value: 9.5", "value: best", "NS GAN: value is 'best'; a number is needed"),
        ("{loss: began}", "{los: began}", "unknown key of match 'los'; did you mean 'loss'"),
        ("metric: fid, value: 7", "value: 7", "key of a row 'metric' is missing"),
        ("rows:", "rows: [}", "not valid YAML"),
    ],
)
def test_a_mistake_names_file_and_key(published: Path, old: str, new: str, message: str) -> None:
    (published / "someone.yaml").write_text(FILE.replace(old, new, 1))
    with pytest.raises(UserError, match=r"someone\.yaml") as error:
        read_published()
    assert message in str(error.value)


def test_the_digest_sees_an_edit(published: Path) -> None:
    before = published_digest()
    (published / "someone.yaml").write_text(FILE.replace("9.5", "9.4"))
    assert published_digest() != before


def test_stored_files_name_parts_data_and_metrics_that_there_are() -> None:
    numbers = read_published()
    axes = {"method": "methods", "model": "models", "loss": "losses", "penalty": "penalties"}
    values = {name for metric in names("metrics") for name in component("metrics", metric).facts["values"]}
    assert {number.key for number in numbers} >= {"lucic2018", "pacgan2018_mixtures", "veegan2017"}
    for number in numbers:
        assert number.dataset in names("data") and number.metric in values
        for part, name in number.match.items():
            if part in axes and name != "none":
                assert resolve(axes[part], name)
        assert set(number.protocol) & set(HARD) and number.evidence


def test_stored_numbers_are_those_of_the_papers() -> None:
    """Some stored numbers equal those in Lucic 2018 (table 2), PacGAN (tables 1 and 2) and VEEGAN (tables 1 and 2)."""
    found = {(n.key, n.name, n.dataset, n.metric): (n.value, n.spread) for n in read_published()}
    assert found["lucic2018", "NS GAN", "mnist", "frechet"] == (6.8, 0.5)
    assert found["lucic2018", "WGAN", "fashion_mnist", "frechet"] == (21.5, 1.6)
    assert found["pacgan2018_stacked_mnist", "DCGAN", "stacked_mnist", "modes_captured"] == (78.9, 6.46)
    assert found["pacgan2018_mixtures", "GAN", "grid", "modes_captured"] == (17.3, 0.8)
    assert found["veegan2017", "GAN", "ring", "modes_captured"] == (1, None)
