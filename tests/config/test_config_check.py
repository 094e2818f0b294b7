"""Messages of `gan-bench check` about a study, and its counts of runs, steps and images."""

from collections.abc import Callable
from itertools import product

import pytest

from gan_bench.config.document.check import check_report
from gan_bench.config.grammar.reference import resolve
from gan_bench.config.load import load_study, parse_study
from gan_bench.config.plan.costs import IMAGES_PER_SECOND, TRAIN_IMAGES, work
from gan_bench.train.schedule import g_steps_for, schedule


def test_counts_of_the_report(small: dict, read: Callable) -> None:
    small |= {"seeds": 5, "chunk": 2, "batch_size": 32, "datasets": ["digits", "sunflowers"]}
    small["variants"].append(
        {"model": "mlp", "loss": "minimax", "optimizer": "sgd", "d_steps": 3, "datasets": "digits"}
    )
    text = check_report(read(small))
    assert "study tiny: valid" in text and "small" in text
    assert "2 data sets and 2 variants make 3 cells; with 5 seeds each, 15 runs in 9 training jobs" in text
    assert "digits: 1 x 8 x 8 px, labelled, 2 cells, scored in classifier" in text
    # On digits, there are 2 cells x 5 seeds x 10 G steps = 100 G steps. The cells have 1 and 3 D steps per G step. A D
    # step shows 32 images.
    assert "100 generator steps, 200 discriminator steps, 6,400 real images shown" in text
    assert "sunflowers: 1 x 64 x 64 px, without labels, 1 cell, scored in random_conv" in text
    assert "estimate:" in text and "warning: inception_score" in text


def test_what_cannot_be_counted_is_said(small: dict, read: Callable) -> None:
    small["budget"] = {"epochs": 2}
    small["datasets"] = [{"name": "image_folder", "path": "x", "size": 64}]
    text = check_report(read(small))
    assert "1 cell without a number of steps: the data set's size is not known yet" in text
    assert "without 2 runs that cannot be estimated" in text


@pytest.mark.parametrize("study", ["demo", "mnist_quick", "my_folder"])
def test_published_studies_are_valid(study: str) -> None:
    assert check_report(load_study(study)).startswith(f"study {study}: valid")


def test_steps_are_those_of_the_trainer() -> None:
    budgets = [{"g_steps": 7}, {"d_steps": 7}, {"d_steps": 2}, {"images": 1000}, {"images": 3}, {"epochs": 0.3}]
    dataset, model, penalty = {"name": "sunflowers", "n_train": 1000}, {"name": "mlp"}, {"name": "none"}
    for budget, d_steps, batch in product([*budgets, {"epochs": 2.5}], (1, 3, 5), (7, 64)):
        settings = {"dataset": dataset, "model": model, "penalty": penalty, "budget": budget}
        settings |= {"d_steps": d_steps, "batch_size": batch, "method": {"name": "adversarial"}, "tricks": []}
        done = work(settings, (1, 8, 8))
        assert done is not None
        assert done.g_steps == g_steps_for(settings, 1000)
        assert (done.d_steps, done.images) == (done.g_steps * d_steps, done.g_steps * d_steps * batch)


def test_steps_of_a_schedule_are_those_of_the_trainer() -> None:
    """If a schedule has more D steps at the start, a budget in D steps, images or epochs gives fewer G steps."""
    trick = resolve("tricks", {"name": "d_steps_schedule", "steps": 20, "first": 4, "every": 10})
    settings = {"dataset": {"name": "sunflowers", "n_train": 1000}, "model": {"name": "mlp"}, "tricks": [trick]}
    settings |= {"penalty": {"name": "none"}, "d_steps": 2, "batch_size": 8, "method": {"name": "adversarial"}}
    # G steps 1 to 4 and 11 take 20 D steps each, the others take 2. So the first 11 G steps take 112 D steps.
    expected = {112: (11, 112), 111: (10, 92), 113: (11, 112), 20: (1, 20), 3: (1, 20)}
    for limit, (g_steps, d_steps) in expected.items():
        for budget in ({"d_steps": limit}, {"images": limit * 8 + 7}, {"epochs": limit * 8 / 1000}):
            done = work({**settings, "budget": budget}, (1, 8, 8))
            assert done is not None and (done.g_steps, done.d_steps, done.images) == (g_steps, d_steps, 8 * d_steps)
            plan = schedule({**settings, "budget": budget, "log_points": 2, "snapshots": 2}, 1000)
            assert (plan.g_steps, plan.d_steps_until(plan.g_steps)) == (g_steps, d_steps)
    done = work({**settings, "budget": {"g_steps": 11}}, (1, 8, 8))
    assert done is not None and (done.g_steps, done.d_steps) == (11, 112)
    for budget in ({"g_steps": 10**12}, {"images": 10**12}):
        assert work({**settings, "budget": budget}, (1, 8, 8)) is None, "not added up one by one"


def test_a_method_without_a_discriminator_sees_one_minibatch_in_a_step() -> None:
    settings = {"dataset": {"name": "sunflowers", "n_train": 1000}, "model": {"name": "mlp"}, "tricks": []}
    settings |= {"penalty": None, "d_steps": None, "batch_size": 10, "method": {"name": "vae"}}
    for budget, steps in (({"g_steps": 7}, 7), ({"images": 75}, 7), ({"epochs": 0.3}, 30), ({"d_steps": 5}, 5)):
        run = {**settings, "budget": budget, "log_points": 2, "snapshots": 2}
        done, plan = work(run, (1, 8, 8)), schedule(run, 1000)
        assert done is not None and (done.g_steps, done.d_steps, done.images) == (steps, 0, 10 * steps)
        assert (plan.g_steps, plan.d_steps, plan.images(steps)) == (steps, 0, 10 * steps)
        assert done.seconds is not None and done.seconds > 0


def test_known_counts_of_training_images(shared_data) -> None:
    # Bytes 4 to 7 of an idx file are the number of images (big-endian).
    import gzip

    for name in ("mnist", "fashion_mnist"):
        with gzip.open(shared_data / name / "train-images-idx3-ubyte.gz") as stream:
            assert int.from_bytes(stream.read(8)[4:], "big") == TRAIN_IMAGES[name]


def test_estimates_grow_with_the_work() -> None:
    base = {"dataset": {"name": "digits"}, "penalty": {"name": "none"}, "d_steps": 1, "batch_size": 64}
    base |= {"budget": {"g_steps": 100}, "model": {"name": "dcgan", "width": 16}}
    base |= {"method": {"name": "adversarial"}, "tricks": []}

    def seconds(shape: tuple[int, int, int] = (1, 28, 28), **change: object) -> float:
        done = work({**base, **change}, shape)
        assert done is not None and done.seconds is not None
        return done.seconds

    assert seconds((1, 64, 64)) > seconds() > seconds((1, 8, 8)) > 0
    assert seconds((3, 128, 128)) > seconds((3, 64, 64))
    assert seconds(model={"name": "dcgan", "width": 64}) > seconds()
    assert seconds(penalty={"name": "gradient_penalty"}) > seconds()
    assert seconds(budget={"g_steps": 200}) == pytest.approx(2 * seconds())
    for model, rows in IMAGES_PER_SECOND.items():
        for values, rate in rows:
            expected = 2 * 100 * 64 / rate
            assert seconds((1, 1, values), model={"name": model}) == pytest.approx(expected)
    done = work({**base, "model": {"name": "mine.py"}}, (1, 8, 8))
    assert done is not None and done.seconds is None


def test_idle_cores_and_slow_precision_are_said(monkeypatch):
    text = (
        "datasets: [digits]\nvariants: [{preset: dcgan, precision: bf16}]\nseeds: 4\nchunk: 4\nbudget: {g_steps: 5}\n"
    )
    study = parse_study(text, "own")
    monkeypatch.setattr("gan_bench.config.document.check.cpu_flags", lambda: {"avx2"})
    report = check_report(study, cores=2)
    assert "1 training job leaves 1 of 2 cores idle: 4 runs (chunk 4); chunk: 2 makes" in report
    assert "no AVX-512: passes in bf16 are about fourteen times slower" in report
    monkeypatch.setattr("gan_bench.config.document.check.cpu_flags", lambda: {"avx512f"})
    monkeypatch.setattr("gan_bench.config.document.check.mode", lambda: "portable")
    assert "bits: portable uses no AVX-512 (bits: native does): passes in bf16" in check_report(study, cores=1)
    monkeypatch.setattr("gan_bench.config.document.check.mode", lambda: "native")
    assert "AVX-512" not in check_report(study, cores=1) and "idle" not in check_report(study, cores=1)


def test_a_metric_that_reads_checkpoints_needs_some():
    text = (
        "datasets: [digits]\nvariants: [dcgan]\nseeds: 2\nbudget: {g_steps: 5}\n"
        "evaluation: {metrics: [frechet, discriminator_features]}\n"
    )
    warning = "discriminator_features reads the discriminator of a checkpoint and no run keeps checkpoints"
    assert warning in check_report(parse_study(text, "own"), cores=1)
    assert warning not in check_report(parse_study(f"{text}checkpoints: 2\n", "own"), cores=1)
