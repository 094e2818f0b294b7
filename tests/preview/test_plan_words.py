"""`gan-bench plan` names each edit of a study in a sentence. Snakemake does not run in these tests."""

from types import SimpleNamespace

import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.files import write_json
from gan_bench.preview.code_notes import code_change
from gan_bench.preview.steps import BLOCK, step_of
from gan_bench.preview.study_changes import StudyChanges

STUDY = """
datasets: [digits]
variants:
  - {model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: non_saturating, optimizer: adam}
  - {model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: hinge, optimizer: {name: sgd, lr: 0.001}, name: second}
seeds: 2
budget: {g_steps: 12}
evaluation: {n_samples: 100, metrics: [frechet]}
"""


def changes(*edits):
    text = STUDY
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return StudyChanges(*(expand(parse_study(source, "small")).to_json() for source in (STUDY, text)))


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("lr: 0.001", "lr: 0.0002"), ["optimizer.lr 0.001 -> 0.0002"]),
        (("hinge", "minimax"), ["loss hinge -> minimax"]),
        (("g_steps: 12", "g_steps: 13"), ["budget.g_steps 12 -> 13"] * 2),
        (("seeds: 2", "seeds: 4"), ["seeds 2, 3 added"] * 2),
        (("seeds: 2", "seeds: 1"), ["seed 1 removed"] * 2),
        (("variants:", "variants:\n  - dcgan"), ["variant dcgan is new"]),
        (("[digits]", "[digits, {name: ring, modes: 5}]"), ["data set ring is new"] * 2),
    ],
)
def test_an_edit_of_runs_is_named_for_each_cell(edit, words):
    assert list(changes(edit).cells.values()) == words


def test_edits_of_scoring_and_of_data_are_named():
    both = changes(("[frechet]", "[frechet, kid]"), ("n_samples: 100", "n_samples: 50"))
    assert both.evaluation == ["metric kid added", "evaluation.n_samples 100 -> 50"] and not both.cells
    extractor = changes(("n_samples: 100", "n_samples: 100, extractor: {name: classifier, epochs: 3}"))
    assert extractor.extractors["digits"][0].startswith("extractor.epochs ") and not extractor.cells
    gone = changes(
        (
            STUDY[STUDY.index("  - {model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: hinge") :],
            "seeds: 2\nbudget: {g_steps: 12}\n",
        )
    )
    assert gone.gone == ["variant second on digits"]


def test_a_changed_file_is_named_by_the_notes_of_the_last_run(tmp_path):
    lookups = SimpleNamespace(results=str(tmp_path))
    note = {"gan_bench.losses.hinge": "1", "gan_bench.losses": "1", "losses:mine": "1", "mode of bits": "portable"}
    write_json(tmp_path / "store" / "code" / "before.json", note)

    def change(same_parts=True, **edits):
        return code_change(lookups, "before", "now", {"now": {**note, **edits}}, same_parts=same_parts)

    edits = {"gan_bench.losses.hinge": "2", "metrics:other": "1"}
    assert change(**edits) == "losses/hinge.py changed, metrics/other.py is new"
    assert change(same_parts=False, **edits) == "losses/hinge.py changed"
    many = {f"gan_bench.game.file{i}": "1" for i in range(5)}
    assert change(**many) == "game/file0.py is new, game/file1.py is new, game/file2.py is new, and 2 more files"
    assert (
        change(**{"mode of bits": "native", "losses:mine": "2"}) == "losses/mine.py changed, the mode of bits changed"
    )
    assert code_change(lookups, "unknown", "now", {"now": note}) == "its code changed (which file is not recorded)"


def test_a_step_is_read_from_the_text_of_a_dry_run():
    params = """now across all output: before: '0,1','{"a": 1}' now: '0,1,2' """
    text = f"""rule train:
    input: results/data/digits/manifest.json
    output: results/demo/runs/digits/cell/chunk0.train.json
    reason: Params have changed since last execution: Union of exclusive params before and {params}
    wildcards: dataset=digits, cell=cell, chunk=0
localrule page:
    output: results/demo/report.html
    reason: Missing output files: results/demo/report.html; Input files updated by another job: a, b
"""
    train, page = (step_of(rule, body) for rule, body in BLOCK.findall(text))
    assert (train.rule, train.before, train.now) == ("train", ("0,1", '{"a": 1}'), ("0,1,2",))
    assert train.wildcards == {"dataset": "digits", "cell": "cell", "chunk": "0"}
    assert (page.rule, page.output) == ("page", "results/demo/report.html")
    assert page.reasons == {"missing", "upstream"}
