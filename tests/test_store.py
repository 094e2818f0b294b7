"""The store keeps complete finished runs and finds them again. A damaged run is trained again."""

import json
import multiprocessing
import os
import time

import pytest

from gan_bench.paths import HISTORY, METRICS, TRAIN_FILES
from gan_bench.store import RECEIPT, STACKED_BY, finished, obtain, obtain_all, publish, run_key


def make(content: str):
    def train(folder):
        for name in TRAIN_FILES:
            (folder / name).write_text(content)

    return train


def test_the_key_covers_settings_code_and_data_but_not_their_order():
    assert run_key({"a": 1, "b": 2}, "c", "d") == run_key({"b": 2, "a": 1}, "c", "d")
    keys = {run_key({"a": 1}, "c", "d"), run_key({"a": 2}, "c", "d"), run_key({"a": 1}, "x", "d")}
    assert len(keys | {run_key({"a": 1}, "c", "x")}) == 4


def test_a_finished_run_is_not_made_again(tmp_path):
    folder, fresh = obtain(tmp_path, "ab12", make("one"))
    again, fresh_again = obtain(tmp_path, "ab12", make("two"))
    assert (fresh, fresh_again, folder) == (True, False, again)
    assert (folder / HISTORY).read_text() == "one"


def test_what_training_raises_passes_through_and_nothing_is_stored(tmp_path):
    def fail(folder):
        (folder / ".checkpoint.safetensors").write_text("half")
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        obtain(tmp_path, "ab12", fail)
    assert finished(tmp_path, "ab12") is None

    def resume(folder):
        assert (folder / ".checkpoint.safetensors").read_text() == "half", "the same folder is worked in again"
        make("done")(folder)

    assert obtain(tmp_path, "ab12", resume)[1]


@pytest.mark.parametrize("name", TRAIN_FILES)
def test_a_damaged_run_is_found_by_its_digest_and_made_again(tmp_path, name):
    folder, _ = obtain(tmp_path, "ab12", make("one"))
    (folder / name).write_text("onf")
    assert finished(tmp_path, "ab12") is None
    assert obtain(tmp_path, "ab12", make("one"))[1]
    (folder / name).unlink()
    assert finished(tmp_path, "ab12") is None


def test_publishing_replaces_files_and_drops_scores_of_another_content(tmp_path):
    out = tmp_path / "run"
    one, _ = obtain(tmp_path / "store", "ab12", make("one"))
    digests = publish(one, out, extras=(METRICS,))
    assert set(digests) == set(TRAIN_FILES) and (out / HISTORY).read_text() == "one"
    (out / METRICS).write_text("scores of one")
    os.utime(one / HISTORY, (1, 1))
    publish(one, out, extras=(METRICS,))
    assert (out / METRICS).exists(), "the same content keeps its scores"
    assert (out / HISTORY).stat().st_mtime > time.time() - 60, "what is put in place is newer than its inputs"
    two, _ = obtain(tmp_path / "store", "cd34", make("two"))
    publish(two, out, extras=(METRICS,))
    assert (out / HISTORY).read_text() == "two" and not (out / METRICS).exists()
    assert (one / HISTORY).read_text() == "one", "the store's own copy is never written through"
    assert sorted(p.name for p in out.iterdir()) == sorted(TRAIN_FILES)


def _race(root, log):
    def train(folder):
        with log.open("a") as stream:
            stream.write("trained\n")
        time.sleep(0.3)
        make("one")(folder)

    obtain(root, "ab12", train)


def test_two_processes_that_want_one_run_train_it_once(tmp_path):
    context = multiprocessing.get_context("fork")
    log = tmp_path / "log"
    both = [context.Process(target=_race, args=(tmp_path / "store", log)) for _ in range(4)]
    for process in both:
        process.start()
    for process in both:
        process.join(30)
    assert log.read_text() == "trained\n"
    assert json.loads((finished(tmp_path / "store", "ab12") / "receipt.json").read_text())["sha256"]
    assert list((tmp_path / "store" / "partial").iterdir()) == []


def stack(content: str, code: str):
    """Like `make(content)`, but the run has a file STACKED_BY with `code`, the digest of the stacking code."""

    def train(folder):
        (folder / STACKED_BY).write_text(code)
        make(content)(folder)

    return train


def test_a_run_of_a_stack_is_offered_while_the_stacking_code_is_the_same(tmp_path):
    obtain(tmp_path, "ab12", stack("one", "code 1"), "code 1")
    obtain(tmp_path, "cd34", make("alone"), "code 1")
    assert json.loads((finished(tmp_path, "ab12", "code 1") / RECEIPT).read_text())["stacking"] == "code 1"
    for other in ("code 2", None):
        assert finished(tmp_path, "ab12", other) is None and finished(tmp_path, "cd34", other) is not None
    folder, fresh = obtain(tmp_path, "ab12", make("again, alone"), "code 2")
    assert fresh and (folder / HISTORY).read_text() == "again, alone"
    assert finished(tmp_path, "ab12", "code 3") is not None


def test_the_checkpoint_of_a_stack_is_used_while_its_code_is_the_same(tmp_path):
    def interrupted(folder):
        (folder / STACKED_BY).write_text("code 1")
        (folder / "checkpoint").write_text("half")
        raise KeyboardInterrupt

    def resume(expected):
        def train(folder):
            assert (folder / "checkpoint").exists() is expected
            make("done")(folder)

        return train

    for key, code, expected in (("ab12", "code 1", True), ("cd34", "code 2", False)):
        with pytest.raises(KeyboardInterrupt):
            obtain(tmp_path, key, interrupted, "code 1")
        folder, _ = obtain(tmp_path, key, resume(expected), code)
        receipt = json.loads((folder / RECEIPT).read_text())
        assert receipt.get("stacking") == ("code 1" if expected else None), "part of it was made by the stack"


def test_several_runs_are_made_by_one_call_and_those_that_are_stored_are_left_out(tmp_path):
    obtain(tmp_path, "cd34", make("before"))

    def train(folders):
        assert list(folders) == ["ab12", "ef56"]
        for key, folder in folders.items():
            make(key)(folder)

    assert obtain_all(tmp_path, ["ef56", "cd34", "ab12"], train) == ["ab12", "ef56"]
    assert (finished(tmp_path, "ef56") / HISTORY).read_text() == "ef56"
    assert obtain_all(tmp_path, ["ef56", "ab12"], lambda _folders: pytest.fail("trained again")) == []
