"""A small study of runs that continue other runs has equal bytes if made twice, and `verify` trains it again."""

import small_study
from small_study import command

from gan_bench.files import read_json
from gan_bench.report.figures import continuations
from gan_bench.report.tables_input import read_tables

STUDY = (
    small_study.STUDY[: small_study.STUDY.index("variants:")]
    + """\
variants:
  - name: parent
    model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - {name: unchanged, continue_from: {variant: parent, step: 10}}
  - {name: lower rate, continue_from: {variant: parent, step: 10}, optimizer: {lr: 0.00001}}
  - {name: R1, continue_from: {variant: unchanged, step: -5, optimizers: reset}, penalty: r1}
seeds: 1
budget: {g_steps: 20}
log_points: 20
snapshots: 3
evaluation: {n_samples: 50, metrics: [frechet], extractor: {name: random_conv, width: 8}}
"""
)


def test_a_study_of_continued_runs_repeats_and_verifies(tmp_path):
    study = tmp_path / "chain.yaml"
    study.write_text(STUDY)
    folders = [small_study.run(study, tmp_path / name) for name in ("first", "second")]
    manifests = [read_json(folder / "manifest.json") for folder in folders]
    assert manifests[0]["digest"] == manifests[1]["digest"]
    runs = manifests[0]["results"]["runs"]
    names = {cell["variant"]: f"digits/{cell['id']}/seed0" for cell in read_json(folders[0] / "plan.json")["cells"]}
    histories = {variant: runs[name]["sha256"]["history.parquet"] for variant, name in names.items()}
    assert histories["unchanged"] == histories["parent"] and len(set(histories.values())) == 3
    said = command("verify", folders[0], "--sample", "4")
    assert said.count("bit-identical") == 4 and said.endswith(
        "4 of 4 runs trained again, 0 differ from the stored runs\n"
    )
    status = read_json(folders[0] / "runs" / names["R1"] / "status.json")
    assert status["continued"]["step"] == 15 and set(status["continued"]["optimizers"].values()) == {"reset"}
    # The figure has two sections: variants that continue `parent`, and the variant that continues `unchanged`.
    settings = {name: setting["default"] for name, setting in continuations.FACTS["settings"].items()}
    figure = continuations.draw(read_tables(folders[0]), settings)
    assert len(figure.axes) == 6 and all(axes.lines for axes in figure.axes)
