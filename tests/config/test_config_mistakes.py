"""Each mistake in a study gives one sentence with place, value and valid values; all mistakes are reported at once."""

from collections.abc import Callable

import pytest

from gan_bench.config.load import find_study, load_study, parse_study
from gan_bench.errors import UserError

Mistakes = Callable[..., tuple[str, ...]]

#: Mistake -> (text in the small study, replacement, line number in the message, parts of the message)
CASES = {
    "unknown key": ("seeds: 2", "seed: 2", 8, ["seed: unknown key 'seed'", "did you mean 'seeds'"]),
    "unknown key of a variant": ("loss:", "los:", 5, ["variants[0].los: unknown key", "did you mean 'loss'"]),
    "unknown component": ("non_saturating", "non_saturatin", 5, ["variants[0].loss", "did you mean 'non_saturating'"]),
    "unknown setting": ("width: 16", "widht: 16", 4, ["variants[0].model.widht", "did you mean 'width'"]),
    "unknown data set": ("[digits]", "[digit]", 2, ["datasets[0]", "did you mean 'digits'"]),
    "number in quotes": ("2.0e-4", "'2e-4'", 7, ["variants[0].optimizer.lr: '2e-4'", "take the quotes off"]),
    "no whole number": ("g_steps: 10", "g_steps: 1.5e0", 9, ["budget.g_steps: 1.5e0", "a whole number is needed."]),
    "count that underflows": ("seeds: 2", "seeds: [1e-400]", 8, ["seeds[0]: 1e-400", "a whole number is needed"]),
    "float for int": ("width: 16", "width: 16.0", 4, ["variants[0].model.width", "16.0", "whole number", "write 16"]),
    "text for number": ("2.0e-4", "fast", 7, ["optimizer.lr: 'fast'", "a number is needed"]),
    "negative": ("2.0e-4", "-0.1", 7, ["optimizer.lr: -0.1", "above 0"]),
    "zero": ("2.0e-4", "0", 7, ["optimizer.lr: 0 ", "above 0"]),
    "NaN": ("2.0e-4", ".nan", 7, ["optimizer.lr: .nan", "finite number"]),
    "infinity": ("2.0e-4", ".inf", 7, ["optimizer.lr: .inf", "finite number"]),
    "overflow": ("2.0e-4", "1.0e+999", 7, ["optimizer.lr: 1.0e+999", "finite number"]),
    "bool for int": ("seeds: 2", "seeds: true", 8, ["seeds: true", "a number of seeds"]),
    "bool for width": ("width: 16", "width: yes", 4, ["width: yes", "YAML reads unquoted yes as true"]),
    "huge int": ("width: 16", "width: 1" + "0" * 400, 4, ["model.width", "at most"]),
    "unprintable int": ("width: 16", "width: 1" + "0" * 9000, None, ["cannot be read"]),
    "huge seed": ("seeds: 2", "seeds: [18446744073709551616]", 8, ["seeds[0]", "at most"]),
    "too many seeds": ("seeds: 2", "seeds: 100000000", 8, ["seeds: 100000000", "from 1 to 10000"]),
    "no seeds": ("seeds: 2", "seeds: 0", 8, ["seeds: 0", "from 1 to"]),
    "empty list of seeds": ("seeds: 2", "seeds: []", 8, ["seeds: []", "at least 1"]),
    "negative seed": ("seeds: 2", "seeds: [0, -1]", 8, ["seeds[1]: -1", "at least 0"]),
    "seed twice": ("seeds: 2", "seeds: [3, 1, 3]", 8, ["seeds: seed 3 is given twice"]),
    "sexagesimal": ("seeds: 2", "seeds: 1:30", 8, ["seeds: '1:30'"]),
    "octal": ("width: 16", "width: 020", 4, ["width: '020'", "write 20"]),
    "date": ("description: small", "description: [2024-01-01]", 1, ["description", "text is needed"]),
    "on for a name": ("penalty: none", "penalty: no", 6, ["variants[0].penalty", "unquoted on, off, yes and no"]),
    "empty value": ("loss: non_saturating", "loss:", 5, ["variants[0].loss: is empty"]),
    "empty number": ("seeds: 2", "seeds: 2\nbatch_size:", 9, ["batch_size: is empty", "whole number"]),
    "key is a boolean": ("seeds: 2", "seeds: 2\non: 3", 9, ["key 'on' is read by YAML as true or false"]),
    "key is a number": ("width: 16", "8: 16", 4, ["key '8' is read by YAML as a number"]),
    "duplicate key": (
        "loss: non_sat",
        "loss: minimax\n    loss: non_sat",
        6,
        ["'loss' is given twice, in lines 5 and 6"],
    ),
    "duplicate top key": ("seeds: 2", "seeds: 2\nseeds: 3", 9, ["key 'seeds' is given twice"]),
    "two budgets": ("g_steps: 10", "g_steps: 10, images: 5", 9, ["has g_steps and images", "exactly one"]),
    "no budget": ("{g_steps: 10}", "{}", 9, ["budget: has nothing", "exactly one"]),
    "unknown budget": ("g_steps: 10", "steps: 10", 9, ["budget.steps: unknown key", "g_steps"]),
    "zero budget": ("g_steps: 10", "g_steps: 0", 9, ["budget.g_steps: 0", "at least 1"]),
    "zero epochs": ("g_steps: 10", "epochs: 0.0", 9, ["budget.epochs: 0.0", "above 0"]),
    "missing key": ("budget: {g_steps: 10}", "", 1, ["budget: is missing"]),
    "missing loss": ("    loss: non_saturating\n", "", 4, ["variants[0].loss: is missing"]),
    "no optimizer": ("    optimizer: {name: adam, lr: 2.0e-4}\n", "", 4, ["variants[0]: has no optimizer"]),
    "one optimizer of two": ("    optimizer:", "    g_optimizer:", 4, ["has g_optimizer; either"]),
    "three optimizers": (
        "loss: non_sat",
        "g_optimizer: sgd\n    d_optimizer: sgd\n    loss: non_sat",
        4,
        ["has optimizer and g_optimizer and d_optimizer"],
    ),
    "choice": ("[digits]", "[{name: digits, size: 9}]", 2, ["datasets[0].size: 9", "one of 8, 16, 32"]),
    "required setting": ("[digits]", "[image_folder]", 2, ["datasets[0].path: is missing"]),
    "label": ("[digits]", "[{name: digits, label: a/b}]", 2, ["datasets[0].label: 'a/b'", "letters, digits"]),
    "label twice": ("[digits]", "[digits, {name: mnist, label: digits}]", 2, ["datasets[1]", "label of datasets[0]"]),
    "label case": ("[digits]", "[digits, {name: mnist, label: Digits}]", 2, ["datasets[1]", "label of datasets[0]"]),
    "data set twice": ("[digits]", "[digits, {name: digits, label: d2}]", 2, ["'d2' is the same data set"]),
    "line break in a path": ("[digits]", '[{name: image_folder, path: "a\\nb"}]', 2, ["datasets[0].path", "control"]),
    "no data sets": ("[digits]", "[]", 2, ["datasets: []", "at least 1"]),
    "data set not in a list": ("[digits]", "digits", 2, ["datasets: 'digits'", "a list is needed"]),
    "split": ("seeds: 2", "seeds: 2\nevaluation: {split: val}", 9, ["evaluation.split: 'val'", "'train' or 'test'"]),
    "metric": (
        "seeds: 2",
        "seeds: 2\nevaluation: {metrics: [frechett]}",
        9,
        ["evaluation.metrics[0]", "did you mean 'frechet'"],
    ),
    "metric twice": ("seeds: 2", "seeds: 2\nevaluation: {metrics: [one_nn, one_nn]}", 9, ["one_nn is listed twice"]),
    "n_samples": ("seeds: 2", "seeds: 2\nevaluation: {n_samples: 1}", 9, ["evaluation.n_samples: 1", "at least 2"]),
    "figure": ("seeds: 2", "seeds: 2\nfigures: [loss_curve]", 9, ["figures[0]", "did you mean 'loss_curves'"]),
    "settings as text": ("{g_steps: 10}", "ten", 9, ["budget: 'ten'", "mapping"]),
}


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_is_one_sentence_with_its_line(case: str, small_text: str, mistakes: Mistakes) -> None:
    before, after, line, parts = CASES[case]
    assert before in small_text
    sentences = mistakes(small_text.replace(before, after, 1))
    place = "tiny.yaml:" if line is None else f"tiny.yaml:{line}: "
    matching = [text for text in sentences if all(part in text for part in parts)]
    assert matching and matching[0].startswith(place), sentences
    assert all(text.endswith((".", ")")) and "\n" not in text and len(text) < 700 for text in sentences)


@pytest.mark.parametrize(
    "case", sorted(set(CASES) - {"unknown key", "unknown key of a variant", "one optimizer of two", "missing key"})
)
def test_one_mistake_is_told_once(case: str, small_text: str, mistakes: Mistakes) -> None:
    before, after, _, _ = CASES[case]
    assert len(mistakes(small_text.replace(before, after, 1))) == 1


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(mistakes: Mistakes) -> None:
    text = """\
description: no
datasets: [digitz, digits, {name: sunflowers, size: 65}]
variants:
  - {model: mlp, loss: hing, optimizer: {name: adam, lr: fast, beta1: 1.5}}
  - {model: dcgan, loss: wasserstein, penalty: gradient_penalty, optimizer: adam}
  - {model: dcgan, loss: wasserstein, optimizer: adam}
  - {model: mlp, los: minimax, optimizer: adam, g_optimizer: sgd}
  - {model: mlp, loss: 3, optimizer: adam, g_optimizer: sgd}
seeds: [1, 1]
budget: {g_steps: 0, images: 7}
chunk: 0
chunk: 2
sede: 1
"""
    wanted = [
        (1, "description:"),
        (2, "datasets[0]:"),
        (2, "datasets[2].size:"),
        (4, "variants[0].loss:"),
        (4, "variants[0].optimizer.lr:"),
        (4, "variants[0].optimizer.beta1:"),
        (5, "variants[1].penalty: penalty 'gradient_penalty'"),
        (6, "variants[2].penalty: loss 'wasserstein'"),
        (7, "variants[3].loss: is missing"),
        (7, "variants[3].los:"),
        (8, "variants[4].loss:"),
        (8, "variants[4]: has optimizer and g_optimizer"),
        (9, "seeds:"),
        (10, "budget.g_steps:"),
        (10, "budget: has g_steps and images"),
        (12, "chunk: key"),
        (13, "sede:"),
    ]
    found = mistakes(text)
    assert len(found) == len(wanted), found
    for line, start in wanted:
        assert any(sentence.startswith(f"tiny.yaml:{line}: {start}") for sentence in found), (start, found)
    lines = [int(sentence.split(":")[1]) for sentence in found]
    assert lines == sorted(lines)


def test_items_are_named_by_their_place_in_the_file_when_others_are_left_out(mistakes: Mistakes) -> None:
    text = """\
datasets: [nowhere, digits]
variants:
  - {model: nothing, loss: minimax, optimizer: adam}
  - {model: mlp, loss: minimax, optimizer: adam}
  - {model: mlp, loss: minimax, optimizer: adam}
seeds: 1
budget: {g_steps: 1}
"""
    assert any("variants[2]: has the same settings as variants[1]" in sentence for sentence in mistakes(text))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["empty"]),
        ("# nothing\n", ["empty"]),
        ("- a\n- b\n", ["a study needs at least"]),
        ("datasets:\n\t- digits\n", [":2:", "tab", "column 1"]),
        ("datasets: [digits\nseeds: 3\n", ["not valid YAML", "line 2"]),
        ("a: 1\n---\nb: 2\n", ["second one begins"]),
        ("a: !!python/object:os.system {}\n", ["not valid YAML", "python"]),
        ("a: !!int x\n", ["cannot be read"]),
        ("a: &x [*x]\n", ["alias", "contains itself"]),
        ("[" * 1200, ["nested too deeply"]),
        ("? [a, b]\n: 1\n", ["not valid YAML"]),
        ("a: \x07\n", ["not valid YAML"]),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\n"
            + "".join(f"{c}: &{c} [{','.join([f'*{p}'] * 9)}]\n" for p, c in zip("abcdef", "bcdefg", strict=True)),
            ["expands to more than"],
        ),
    ],
)
def test_what_is_no_study_at_all(text: str, parts: list[str], mistakes: Mistakes) -> None:
    (sentence,) = mistakes(text)
    assert all(part in sentence for part in parts), sentence


@pytest.mark.parametrize("name", ["data", "store", "Store", "reference", "a b", "-x", "ä", "", "x" * 61])
def test_names_that_cannot_be_folders_of_results(name: str, small_text: str) -> None:
    with pytest.raises(UserError, match="a study cannot be called"):
        parse_study(small_text, name)


def test_the_same_cell_twice(small: dict, mistakes: Mistakes) -> None:
    small["variants"].append({**small["variants"][0], "name": "again"})
    assert "variants[1]: has the same settings as variants[0]" in mistakes(small)[0]
    small["variants"] = [{**small["variants"][0], "loss": ["minimax", "minimax"]}]
    assert "variants[0]: lists the same settings twice" in mistakes(small)[0]


def test_the_same_name_twice(small: dict, mistakes: Mistakes) -> None:
    first = {**small["variants"][0], "name": "mine"}
    small["variants"] = [first, {**first, "loss": "minimax"}]
    assert "variants[1].name: 'mine' is the name of variants[0] too" in mistakes(small)[0]


def test_too_many_combinations(small: dict, mistakes: Mistakes) -> None:
    small["variants"][0]["d_steps"] = list(range(1, 1001))
    small["variants"][0]["batch_size"] = list(range(2, 1002))
    assert "expand to 1000000 variants" in mistakes(small)[0]


def test_a_data_set_label_that_a_variant_does_not_find(small: dict, mistakes: Mistakes) -> None:
    small["variants"][0]["datasets"] = ["digit"]
    assert "variants[0].datasets: unknown data set label 'digit'; did you mean 'digits'?" in mistakes(small)[0]


def test_study_files_that_cannot_be_read(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"unknown study 'dmeo'; did you mean 'demo'"):
        load_study("dmeo")
    with pytest.raises(UserError, match="no such study file"):
        load_study(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="no such study file"):
        load_study(str(tmp_path) + "/")
    (tmp_path / "latin.yaml").write_bytes(b"description: caf\xe9\n")
    with pytest.raises(UserError, match="not UTF-8"):
        load_study("latin.yaml")


def test_studies_of_the_current_folder_come_before_the_checkout(tmp_path, small_text, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_study("demo").is_absolute()
    (tmp_path / "config/studies").mkdir(parents=True)
    (tmp_path / "config/studies/demo.yaml").write_text(small_text)
    (tmp_path / "other.yml").write_text("\ufeff" + small_text)
    assert load_study("demo").description == "small"
    assert load_study("other.yml").name == "other"


def test_a_file_of_megabytes_is_not_parsed(tmp_path) -> None:
    """The limit exists because the YAML parser would take a minute for such a file."""
    (tmp_path / "long.yaml").write_text("a: [" + "1, " * 2**20)
    with pytest.raises(UserError, match=r"long\.yaml: has more than 1048576 bytes, so it is not a study"):
        load_study(tmp_path / "long.yaml")
