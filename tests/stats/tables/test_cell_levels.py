"""The levels of an axis (for example of the optimizer) have names that distinguish them."""

from gan_bench.stats.tables.cell_levels import OTHER, cell_levels, level_texts


def test_an_optimizer_states_its_learning_rate_and_what_differs() -> None:
    adam = {"name": "adam", "lr": 2e-4, "beta1": 0.5, "eps": 1e-8}
    texts = level_texts([adam, {"name": "sgd", "lr": 0.1, "momentum": 0.0}, {**adam, "beta1": 0.9}, None])
    assert texts == ["adam, beta1=0.5, lr=0.0002", "sgd, lr=0.1", "adam, beta1=0.9, lr=0.0002", "none"]


def test_tricks_are_joined() -> None:
    assert level_texts([[{"name": "a"}, {"name": "b"}], []]) == ["a + b", "none"]


def test_other_settings_are_a_level_of_their_own() -> None:
    settings = {
        ("d", name): {"model": {"name": "mlp"}, "d_steps": steps, "seed": 0} for name, steps in (("x", 1), ("y", 5))
    }
    levels = cell_levels(settings)
    assert [levels["d", name][OTHER] for name in "xy"] == ["d_steps=1", "d_steps=5"]
    assert levels["d", "x"]["model"] == "mlp" and levels["d", "x"]["loss"] == "none"
    assert cell_levels({("d", "x"): settings["d", "x"]})["d", "x"][OTHER] == "none"
