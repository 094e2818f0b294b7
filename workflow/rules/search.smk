# In: the scores of the trials so far. Out: what the search does next (gan_bench/config/plan/trials.py lists the kinds).
# Only where the study has `search`. The trials and the chosen settings are chunks like all others.


localrules:
    search_stage,


checkpoint search_stage:
    input:
        trained=earlier_trials("train"),
        scored=earlier_trials("evaluate"),
    output:
        "<results>/<study>/search/stage{stage}.json",
    log:
        "<results>/<study>/logs/search/stage{stage}.log",
    params:
        study=STUDY.study_argument,
        device=STUDY.device,
        digest=STUDY.search_digest(),
        code=stage_digest("search"),
    shell:
        "python -m gan_bench.cli job search-stage --study {params.study:q} --device {params.device}"
        " --stage {wildcards.stage:q} --out {output:q} --log {log:q}"
