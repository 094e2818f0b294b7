# In: the records of every run of the plan. Out: tables. Fails if a run of the plan is missing.
from gan_bench.stats.tables.published_numbers import published_digest


rule plan:
    input:
        STUDY.last_stage(),
    output:
        "<results>/<study>/plan.json",
    log:
        "<results>/<study>/logs/plan.log",
    params:
        study=STUDY.study_argument,
        device=STUDY.device,
        part=STUDY.part or "",
        digest=STUDY.plan_digest,
    shell:
        "python -m gan_bench.cli job plan --study {params.study:q} --device {params.device} --part={params.part:q}"
        " --out {output:q} --log {log:q}"


rule collect:
    input:
        plan="<results>/<study>/plan.json",
        trained=all_chunks("train"),
        scored=all_chunks("evaluate"),
        judged=all_chunks("collapse"),
    output:
        runs="<results>/<study>/tables/runs.csv",
        histories="<results>/<study>/tables/histories.parquet",
        metrics="<results>/<study>/tables/metrics.csv",
        calibration="<results>/<study>/tables/calibration.csv",
        curves="<results>/<study>/tables/curves.csv",
        cards="<results>/<study>/run_cards.json",
        # `update` keeps the old file, because it may have the only copy of pictures whose files were deleted.
        media=update("<results>/<study>/tables/media.parquet"),
    log:
        "<results>/<study>/logs/collect.log",
    params:
        code=stage_digest("collect"),
        folder=subpath(input.plan, parent=True),
    shell:
        "python -m gan_bench.cli job collect --study-folder {params.folder:q} --log {log:q}"


rule tables:
    input:
        runs="<results>/<study>/tables/runs.csv",
        metrics="<results>/<study>/tables/metrics.csv",
        calibration="<results>/<study>/tables/calibration.csv",
        curves="<results>/<study>/tables/curves.csv",
        cards="<results>/<study>/run_cards.json",
    output:
        comparison=report(
            "<results>/<study>/tables/comparison.csv",
            caption="../report/scores.rst",
            category="Scores",
            labels={"table": "scores of all variants"},
        ),
        markdown="<results>/<study>/tables/comparison.md",
        latex="<results>/<study>/tables/comparison.tex",
        column="<results>/<study>/tables/comparison_column.tex",
        intervals="<results>/<study>/tables/intervals.csv",
        failures="<results>/<study>/tables/failures.csv",
        ranks="<results>/<study>/tables/ranks.csv",
        friedman="<results>/<study>/tables/friedman.csv",
        pairwise="<results>/<study>/tables/pairwise.csv",
        pairwise_markdown="<results>/<study>/tables/pairwise.md",
        axes="<results>/<study>/tables/axes.csv",
        budget="<results>/<study>/tables/budget.csv",
        agreement="<results>/<study>/tables/agreement.csv",
        selection="<results>/<study>/tables/selection.csv",
        published="<results>/<study>/tables/published.csv",
        published_markdown="<results>/<study>/tables/published.md",
        collapse="<results>/<study>/tables/collapse.csv",
        counts="<results>/<study>/tables/collapse_counts.csv",
    log:
        "<results>/<study>/logs/tables.log",
    params:
        code=stage_digest("tables"),
        published=published_digest(),
        folder=subpath(input.runs, ancestor=2),
    shell:
        "python -m gan_bench.cli job tables --study-folder {params.folder:q} --log {log:q}"
