# In: trained runs and the extractors of their data. Out: for every chunk, a record of the scores and a record of the
# verdicts.


# Computes the parts of the metrics that need only real images, and the floor (the scores of real images). All chunks
# with the same data set and extractor share these results.
rule prepare_scoring:
    input:
        reference="<results>/data/{data}/reference/{extractor}/extractor.json",
    output:
        record="<results>/data/{data}/reference/{extractor}/scoring/{scoring}/scoring.json",
    log:
        "<results>/logs/scoring/{data}/{extractor}-{scoring}.log",
    threads: 1
    params:
        evaluation=STUDY.evaluation,
        code=STUDY.evaluate_code,
    shell:
        "python -m gan_bench.cli job prepare-scoring --evaluation {params.evaluation:q} --reference {input.reference:q}"
        " --threads {threads} --out {output.record:q} --log {log:q}"


rule evaluate:
    input:
        trained="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.train.json",
        reference=STUDY.reference,
        scoring=STUDY.scoring,
        others=STUDY.other_scorings,
        data=STUDY.manifest,
    output:
        record="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.evaluate.json",
    log:
        "<results>/<study>/logs/evaluate/{dataset}/{cell}/chunk{chunk}.log",
    threads: 1
    params:
        evaluation=STUDY.evaluation,
        seeds=STUDY.seeds,
        code=STUDY.evaluate_code,
    shell:
        "python -m gan_bench.cli job evaluate-cell --evaluation {params.evaluation:q} --seeds {params.seeds}"
        " --reference {input.reference:q} --scoring {input.scoring:q} --others {input.others:q} --data {input.data:q}"
        " --threads {threads}"
        " --out {output.record:q} --log {log:q}"


# This rule comes after scoring, because scores of the samples can overrule the verdict from the losses.
rule detect_collapse:
    input:
        trained="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.train.json",
        scored="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.evaluate.json",
    output:
        record="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.collapse.json",
    log:
        "<results>/<study>/logs/collapse/{dataset}/{cell}/chunk{chunk}.log",
    params:
        seeds=STUDY.seeds,
        code=STUDY.collapse_code,
    shell:
        "python -m gan_bench.cli job detect-cell --seeds {params.seeds} --out {output.record:q} --log {log:q}"
