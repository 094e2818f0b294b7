# Used only if the study has `search`. In: the scores of earlier trials. Out: the result of a stage of the search, such as
# new trials or the chosen settings (gan_bench/config/plan/trials.py). Trials and chosen settings train in chunks, as all
# other runs do.


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
