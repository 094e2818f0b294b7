# In: the runs and tables of a finished study. Out: the SHA-256 of their files, for `gan-bench verify`.


localrules:
    manifest,


rule manifest:
    input:
        plan="<results>/<study>/plan.json",
        trained=all_chunks("train"),
        scored=all_chunks("evaluate"),
        judged=all_chunks("collapse"),
        # The paths are written out. With `rules.X.output`, Snakemake would compare every input with every other input.
        runs="<results>/<study>/tables/runs.csv",
        comparison="<results>/<study>/tables/comparison.csv",
    output:
        "<results>/<study>/manifest.json",
    log:
        "<results>/<study>/logs/manifest.log",
    params:
        code=stage_digest("manifest"),
        folder=subpath(input.plan, parent=True),
    shell:
        "python -m gan_bench.cli job manifest --study-folder {params.folder:q} --log {log:q}"
