"""If the pictures of a run are removed, the collected copies are kept, unless the run was trained again."""

from pathlib import Path

import pandas as pd
from fabricate import fabricate_history, fabricate_study, run_folder

from gan_bench.stats.collect.collect import collect


def _media(study: Path) -> pd.DataFrame:
    collect(study, complete=False)
    return pd.read_parquet(study / "tables" / "media.parquet").set_index("seed")


def test_bytes_are_those_of_the_files(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, variants=("DCGAN",))
    run = run_folder(tmp_path, plan, "digits", "DCGAN", 1)
    row = _media(tmp_path).loc[1]
    assert row["samples_png"] == (run / "samples.png").read_bytes()
    assert row["progress_gif"] == (run / "progress.gif").read_bytes()


def test_pictures_outlive_their_files(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, variants=("DCGAN",))
    before = _media(tmp_path)
    for seed in range(3):
        for name in ("samples.png", "progress.gif"):
            (run_folder(tmp_path, plan, "digits", "DCGAN", seed) / name).unlink()
    pd.testing.assert_frame_equal(_media(tmp_path), before)


def test_pictures_of_an_earlier_training_are_not_kept(tmp_path: Path) -> None:
    plan = fabricate_study(tmp_path, variants=("DCGAN",))
    _media(tmp_path)
    run = run_folder(tmp_path, plan, "digits", "DCGAN", 0)
    fabricate_history("non_saturating", seed=77).to_parquet(run / "history.parquet", index=False)
    (run / "samples.png").unlink()
    after = _media(tmp_path)
    assert after.loc[0, "samples_png"] is None and after.loc[0, "progress_gif"] is not None


def test_a_run_without_pictures_has_none(tmp_path: Path) -> None:
    fabricate_study(
        tmp_path, variants=("DCGAN",), outcomes={("digits", "DCGAN", 0): "diverged", ("digits", "DCGAN", 1): "missing"}
    )
    media = _media(tmp_path)
    assert list(media.index) == [0, 2]  # a missing run has no row
    assert media.loc[0, "samples_png"] is None and media.loc[2, "samples_png"] is not None
