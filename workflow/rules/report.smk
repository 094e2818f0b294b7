# In: tables. Out: figures, and the page that shows them. No rule here can train.


rule figure:
    input:
        # All tables are inputs, because a figure's code decides which tables it reads.
        tables=rules.tables.output,
        runs="<results>/<study>/tables/runs.csv",
        metrics="<results>/<study>/tables/metrics.csv",
        curves="<results>/<study>/tables/curves.csv",
        cards="<results>/<study>/run_cards.json",
        histories="<results>/<study>/tables/histories.parquet",
        media="<results>/<study>/tables/media.parquet",
    output:
        svg=report(
            "<results>/<study>/figures/{figure}.svg",
            caption="../report/figure.rst",
            category=STUDY.figure_category,
            labels=STUDY.figure_labels,
        ),
        png="<results>/<study>/figures/{figure}.png",
    log:
        "<results>/<study>/logs/figures/{figure}.log",
    wildcard_constraints:
        figure="|".join(map(re.escape, STUDY.figure_names())),
    params:
        settings=STUDY.figure_ref,
        code=STUDY.figure_code,
        caption=STUDY.figure_caption,
        folder=subpath(input.runs, ancestor=2),
    shell:
        "python -m gan_bench.cli job figure --settings {params.settings:q} --study-folder {params.folder:q}"
        " --log {log:q}"


rule page:
    input:
        plan="<results>/<study>/plan.json",
        runs="<results>/<study>/tables/runs.csv",
        comparison="<results>/<study>/tables/comparison.csv",
        pairwise="<results>/<study>/tables/pairwise.csv",
        collapse="<results>/<study>/tables/collapse.csv",
        metrics="<results>/<study>/tables/metrics.csv",
        cards="<results>/<study>/run_cards.json",
        histories="<results>/<study>/tables/histories.parquet",
        media="<results>/<study>/tables/media.parquet",
        figures=expand(
            "<results>/<study>/figures/{figure}.svg", figure=STUDY.figure_names()
        ),
    output:
        "<results>/<study>/report.html",
    log:
        "<results>/<study>/logs/report.log",
    params:
        code=STUDY.page_code,
        folder=subpath(input.plan, parent=True),
    shell:
        "python -m gan_bench.cli job report --study-folder {params.folder:q} --log {log:q}"


# Only if the study has `log_to`: writes the curves of its runs in the formats of other tools.
rule log_files:
    input:
        plan="<results>/<study>/plan.json",
        runs="<results>/<study>/tables/runs.csv",
    output:
        "<results>/<study>/log_to.json",
    log:
        "<results>/<study>/logs/log_files.log",
    params:
        code=stage_digest("log_files"),
        formats=",".join(STUDY.log_to),
        folder=subpath(input.plan, parent=True),
    shell:
        "python -m gan_bench.cli job log-files --study-folder {params.folder:q} --log-to={params.formats} --log {log:q}"


# Redraws everything from stored results. The rule has no output file, so it always runs. It has no input file, so no
# training can be needed for it.
rule figures:
    log:
        "<results>/<study>/logs/redraw.log",
    params:
        figures=STUDY.figure_refs,
        folder=STUDY.study_folder,
    shell:
        "python -m gan_bench.cli redraw {params.folder:q} --figures {params.figures:q} > {log:q} 2>&1"
