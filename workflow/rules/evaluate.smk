# In: trained runs and the feature space of their data. Out: scores and verdicts, one record a chunk.


rule evaluate:
    input:
        trained="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.train.json",
        reference=STUDY.reference,
    output:
        record="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.evaluate.json",
    log:
        "<results>/<study>/logs/evaluate/{dataset}/{cell}/chunk{chunk}.log",
    conda:
        "../envs/gan_bench.yaml"
    threads: 1
    params:
        evaluation=STUDY.evaluation,
        seeds=STUDY.seeds,
        code=STUDY.evaluate_code,
    shell:
        "python -m gan_bench.cli evaluate-cell --evaluation {params.evaluation:q} --seeds {params.seeds}"
        " --reference {input.reference:q} --threads {threads} --out {output.record:q} --log {log:q}"


rule detect_collapse:
    input:
        trained="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.train.json",
    output:
        record="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.collapse.json",
    log:
        "<results>/<study>/logs/collapse/{dataset}/{cell}/chunk{chunk}.log",
    conda:
        "../envs/gan_bench.yaml"
    params:
        seeds=STUDY.seeds,
        code=STUDY.collapse_code,
    shell:
        "python -m gan_bench.cli detect-cell --seeds {params.seeds} --out {output.record:q} --log {log:q}"
