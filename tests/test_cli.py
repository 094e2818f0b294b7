"""The commands for users, on small input; every mistake gives one sentence and exit code 2."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from gan_bench.cli import entry, main, studies
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.files import write_json
from gan_bench.jobs.find_run import find_run
from gan_bench.paths import REPEATABLE_FILES, STATUS
from gan_bench.registry import AXES, names

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8, 16], d_widths: [8]}, loss: non_saturating, optimizer: adam}]
seeds: 1
budget: {g_steps: 12}
snapshots: 2
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """settings.json of a small run."""
    cell = expand(parse_study(STUDY, "small")).to_json()["cells"][0]
    file = tmp_path_factory.mktemp("settings") / "settings.json"
    file.write_text(json.dumps({**cell["settings"], "seed": 3}))
    return file


@pytest.fixture(scope="module")
def run(settings):
    """Folder of a run trained by the command."""
    out = settings.parent / "run"
    assert main(["train", "--settings", str(settings), "--out", str(out)]) == 0
    return out


def test_train_writes_a_run_with_the_settings_that_it_was_given(run, settings):
    assert json.loads((run / "settings.json").read_text()) == json.loads(settings.read_text())
    assert json.loads((run / "status.json").read_text())["status"] == "ok"


def test_the_settings_of_a_run_reproduce_it(run, tmp_path):
    assert main(["train", "--settings", str(run / "settings.json"), "--out", str(tmp_path)]) == 0
    assert [n for n in REPEATABLE_FILES if (run / n).read_bytes() != (tmp_path / n).read_bytes()] == []


def test_sample_writes_arrays_and_grids(run, tmp_path):
    assert main(["sample", str(run), "--n", "5", "--seed", "1", "--out", str(tmp_path / "s.npy")]) == 0
    images = np.load(tmp_path / "s.npy", allow_pickle=False)
    assert images.shape == (5, 1, 8, 8) and images.dtype == np.uint8
    assert main(["sample", str(run), "--n", "64", "--seed", "1", "--out", str(tmp_path / "s.png")]) == 0
    assert np.asarray(Image.open(tmp_path / "s.png")).std() > 0
    main(["sample", str(run), "--n", "5", "--seed", "2", "--out", str(tmp_path / "t.npy")])
    assert not np.array_equal(images, np.load(tmp_path / "t.npy"))
    assert main(["sample", str(run), "--n", "5", "--seed", "1", "--folder", str(tmp_path / "pictures")]) == 0
    pictures = sorted((tmp_path / "pictures").glob("*.png"))
    assert [file.name for file in pictures] == [f"{i:05d}.png" for i in range(5)]
    assert np.array_equal([np.asarray(Image.open(file)) for file in pictures], images[:, 0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--n", "0", "--out", "x.png"], "valid: 1 or more"),
        (["--out", "x.jpg"], "valid: a path that ends in .npy or .png"),
        ([], "give exactly one of --out and --folder"),
        (["--out", "x.png", "--step", "5"], "valid: final, best, or a step with a kept generator: 12."),
        (["--out", "x.png", "--step", "best"], "has no validation scores. A study has them if it sets"),
        (["--folder", "."], "give a new or an empty folder"),
    ],
)
def test_sample_refuses_invalid_arguments(run, arguments, words, capsys):
    assert main(["sample", str(run), *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_a_run_is_found_by_its_names_and_by_its_key(run, tmp_path):
    """The studies "one" and "two" share a run. The study "three" has a different run under the same name."""
    key = "abcdef" + "0" * 58
    stored = tmp_path / "store" / "ab" / key
    for study, seconds in (("one", 1), ("two", 1), ("three", 2)):
        folder = tmp_path / study / "runs" / "digits" / "cell-1234"
        write_json(folder / "seed0" / STATUS, {"checksum": seconds})
        cells = [{"dataset": "digits", "id": "cell-1234", "variant": "mlp · minimax", "seeds": [0]}]
        write_json(tmp_path / study / "plan.json", {"cells": cells})
        write_json(folder / "chunk0.train.json", {"seeds": {"0": {"key": key if seconds == 1 else "b" * 64}}})
    write_json(stored / STATUS, {"checksum": 1})
    one = tmp_path / "one" / "runs" / "digits" / "cell-1234" / "seed0"
    names = ["one/digits/cell-1234/seed0", "one/digits/mlp · minimax seed 0", "abcdef00", str(one)]
    assert [find_run(name, tmp_path) for name in names] == [one] * 4
    with pytest.raises(UserError, match="matches 3 runs"):
        find_run("digits/cell-1234/seed0", tmp_path)
    with pytest.raises(UserError, match="no run 'digits/cell-1234/seed1'; valid: the folder of a run"):
        find_run("digits/cell-1234/seed1", tmp_path)


def test_evaluate_scores_features_of_any_model(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for name, shift in (("real", 0.0), ("fake", 1.0)):
        np.save(tmp_path / f"{name}.npy", (rng.standard_normal((400, 4)) + shift).astype(np.float32))
    out = tmp_path / "metrics.json"
    command = ["evaluate", "--real", str(tmp_path / "real.npy"), "--fake", str(tmp_path / "fake.npy")]
    assert main([*command, "--out", str(out)]) == 0
    rows = {row["name"]: row for row in json.loads(out.read_text())["metrics"]}
    # The means of two unit Gaussians differ by 1 in each of 4 dimensions, so |mu_r - mu_f|^2 = 4.
    assert rows["frechet"]["value"] == pytest.approx(4.0, abs=0.5) and rows["frechet"]["n_fake"] == 400
    assert "frechet" in capsys.readouterr().out


def test_detect_judges_a_csv_of_any_training(tmp_path, capsys):
    steps = np.arange(1, 201)
    table = pd.DataFrame({"step": steps, "d_loss": 1.386 * np.exp(-steps / 10), "g_loss": 0.7 + steps / 10})
    table.to_csv(tmp_path / "log.csv", index=False)
    assert main(["detect", str(tmp_path / "log.csv"), "--loss", "non_saturating", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "d_overpowering" and answer["evidence"]


@pytest.mark.parametrize("axis", sorted(AXES))
def test_list_names_every_component(axis, capsys):
    assert main(["list", axis]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in names(axis))


def test_check_prints_runs_jobs_and_cost(capsys):
    assert main(["check", "demo"]) == 0
    out = capsys.readouterr().out
    assert "36 runs" in out and "estimate" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "loses"], "did you mean 'losses'"),
        (["check", "dmeo"], "demo"),
        (["train", "--settings", "absent.json", "--out", "x"], "absent.json: no such file"),
        (["sample", "absent", "--out", "x.png"], "absent"),
        (["detect", "absent.csv"], "absent.csv"),
        (["evaluate", "--real", "absent.npy", "--fake", "absent.npy", "--out", "m.json"], "absent.npy"),
        (["redraw", "absent"], "absent"),
        (["train", "--settings", "a.yaml", "--out", "x"], "this is a study; --settings needs"),
        (["check", "demo", "--statick"], "did you mean '--static'"),
        (
            ["run", "demo", "--dry-run"],
            "put arguments for snakemake after --, as in: gan-bench run demo -- --dry-run",
        ),
        (["list", "losses", "models"], "unexpected argument 'models'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert words in err and err.startswith(f"gan-bench {arguments[0]}: ")
    assert list(tmp_path.iterdir()) == [], "a refused command leaves nothing behind"


def test_a_bug_is_a_traceback_in_the_log_too(tmp_path, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("a bug")

    monkeypatch.setattr("gan_bench.jobs.detect.detect_cell", broken)
    out = tmp_path / "chunk0.collapse.json"
    with pytest.raises(RuntimeError, match="a bug"):
        main(["job", "detect-cell", "--seeds", "0", "--out", str(out), "--log", str(tmp_path / "log")])
    assert not out.exists() and "RuntimeError: a bug" in (tmp_path / "log").read_text()


def as_process(command, **streams):
    """Exit code, stdout and stderr of a shell command."""
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, **streams)
    return run.returncode, run.stdout, run.stderr


CLI = f"{sys.executable} -m gan_bench.cli"


def test_a_process_ends_with_its_exit_code_and_all_its_output():
    code, out, err = as_process(f"{CLI} list losses")
    assert code == 0 and "non_saturating" in out and err == ""
    code, out, err = as_process(f"{CLI} check no_such_study")
    assert code == 2 and out == "" and err.startswith("gan-bench check: ") and err.count("\n") == 1
    assert as_process(f"{CLI} list losses | head -n 1; exit ${{PIPESTATUS[0]}}")[0::2] == (0, "")


def test_lost_output_is_no_success():
    assert as_process(f"{CLI} list losses > /dev/full")[0] != 0


def test_functions_registered_with_atexit_are_called():
    code = "import atexit, gan_bench.cli.entry as c; atexit.register(print, 'last'); c.main = lambda: 3; c.process()"
    assert as_process(f'{sys.executable} -c "{code}"') == (3, "last\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train-cell", "--log", "x"], ": this command is now: gan-bench job train-cell"),
        (["tarin"], ": unknown command 'tarin'; did you mean 'train'?"),
        (["job", "trian-cell"], ": unknown command 'job trian-cell'; did you mean 'job train-cell'?"),
        ([], ": the following arguments are required: COMMAND; see gan-bench --help."),
        (["train"], " train: the following arguments are required: --settings, --out; see gan-bench train --help."),
        (["job", "train-cell", "--seeds", "a"], " job train-cell: argument --seeds: 'a' is not a list of seeds"),
        (["new", "metrik", "x"], " new: argument kind: unknown value 'metrik'; did you mean 'metric'? Valid: data,"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(arguments, words, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"gan-bench{words}") and said.count("\n") == 1


@pytest.mark.parametrize("before", [["demo"], ["demo", "--cores", "2"], ["--cores", "2"], []])
def test_arguments_after_the_dashes_go_to_snakemake(before):
    args = entry._parse(["run", *before, "--", "--until", "evaluate"])
    assert (args.study, args.more) == ("demo" if "demo" in before else None, ["--until", "evaluate"])


def test_help_names_every_command_with_what_it_does(capsys):
    for arguments, groups in (([], entry.GROUPS), (["job"], [entry.job.group])):
        with pytest.raises(SystemExit) as stopped:
            main([*arguments, "--help"])
        out = capsys.readouterr().out
        assert stopped.value.code == 0
        for name, (run, _) in (item for group in groups for item in group.commands.items()):
            assert f"  {name:<15} {run.__doc__.partition(chr(10))[0]}" in out
    assert all(group.examples.get(name, "?") in group.overview() for group in entry.GROUPS for name in group.commands)


def test_the_command_line_is_light_until_a_command_runs():
    heavy = "torch", "numpy", "pandas", "yaml", "pydantic"
    code = f"import sys, gan_bench.cli; print([name for name in {heavy} if name in sys.modules])"
    assert as_process(f'{sys.executable} -c "{code}"') == (0, "[]\n", "")


def test_verify_loads_no_numpy_before_it_reads_the_mode_of_the_bits():
    """`verify` reads the mode from the stored study, and must set it before NumPy and torch are loaded."""
    modules = "gan_bench.verify.stored, gan_bench.archive.kept, gan_bench.archive.unpack"
    code = f"import sys, {modules}; print([name for name in ('numpy', 'torch') if name in sys.modules])"
    assert as_process(f'{sys.executable} -c "{code}"') == (0, "[]\n", "")


def test_a_command_may_end_with_an_exit_code_of_its_own(monkeypatch):
    """Exit code 3 means that the command did its work, and that the result is a failure."""
    monkeypatch.setitem(studies.group.commands, "check", (lambda _args: 3, ()))
    assert main(["check"]) == 3
