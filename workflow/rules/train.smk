# In: a prepared data set. Out: the record of one chunk (some seeds of one cell), with the SHA-256 of each run's
# reproducible files. Finished runs stay in <results>/store. They are not trained again if a job fails or is killed, or
# if a seed is added.


# Trains runs of several cells together in one job, and puts them into the store. The cells have small networks of equal
# shapes and differ, for example, in their learning rates. If training together is not faster, the job trains nothing,
# and the rule `train` trains the runs.
rule train_stack:
    input:
        manifest=STUDY.manifest,
    output:
        record="<results>/<study>/stacks/{dataset}/{stack}.json",
    log:
        "<results>/<study>/logs/stacks/{dataset}/{stack}.log",
    benchmark:
        "<results>/<study>/benchmarks/stacks/{dataset}/{stack}.jsonl"
    threads: 1
    params:
        members=STUDY.stack_members,
        code=STUDY.stack_code,
    shell:
        "python -m gan_bench.cli job train-stack --members {params.members:q} --data {input.manifest:q}"
        " --out {output.record:q} --log {log:q}"


rule train:
    input:
        manifest=STUDY.manifest,
        stack=STUDY.stack,
        # Records of parents (runs that these runs continue) in the study, and extractors for scores during training.
        before=STUDY.before,
    output:
        record="<results>/<study>/runs/{dataset}/{cell}/chunk{chunk}.train.json",
    log:
        "<results>/<study>/logs/train/{dataset}/{cell}/chunk{chunk}.log",
    benchmark:
        "<results>/<study>/benchmarks/train/{dataset}/{cell}/chunk{chunk}.jsonl"
    threads: STUDY.threads
    resources:
        gpu=GPUS,
        # Additional formats of the curves. Not in `params`, because results do not depend on it.
        log_to=",".join(STUDY.log_to),
    params:
        settings=STUDY.cell_settings,
        seeds=STUDY.seeds,
        code=STUDY.train_code,
    shell:
        "python -m gan_bench.cli job train-cell --settings {params.settings:q} --seeds {params.seeds}"
        " --data {input.manifest:q} --log-to={resources.log_to} --out {output.record:q} --log {log:q}"
