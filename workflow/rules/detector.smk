# In: the trained runs of a study with kept generators, the corpus of trajectories in data_dir. Out: their trajectories
# with the truth of each, and the detector of collapse that learns from both. `snakemake detector --config
# study=detector data_dir=FOLDER`; the shipped detector.json and docs/detector.md are these files.
DETECTOR_SCRIPTS = Path(str(workflow.current_basedir)).parents[1] / "benchmarks"


rule detector:
    input:
        "<results>/<study>/detector/detector.json",
        "<results>/<study>/detector/detector.md",


rule detector_trajectories:
    input:
        plan="<results>/<study>/plan.json",
        trained=STUDY.chunk_files("train"),
        references=expand(
            "<results>/data/{pair[0]}/reference/{pair[1]}/extractor.json",
            pair=list(STUDY.extractors),
        ),
        script=DETECTOR_SCRIPTS / "detector_trajectories.py",
    output:
        curves="<results>/<study>/detector/trajectories.npz",
        runs="<results>/<study>/detector/runs.csv",
    log:
        "<results>/<study>/logs/detector_trajectories.log",
    conda:
        "../envs/gan_bench.yaml"
    threads: 1
    params:
        folder=subpath(input.plan, parent=True),
        out=subpath(output.runs, parent=True),
    shell:
        "OMP_NUM_THREADS={threads} python {input.script:q} --study-folder {params.folder:q}"
        " --references {input.references:q} --out {params.out:q} > {log:q} 2>&1"


rule train_detector:
    input:
        curves="<results>/<study>/detector/trajectories.npz",
        runs="<results>/<study>/detector/runs.csv",
        scripts=sorted(DETECTOR_SCRIPTS.glob("*detector*.py")),
    output:
        detector="<results>/<study>/detector/detector.json",
        document="<results>/<study>/detector/detector.md",
    log:
        "<results>/<study>/logs/train_detector.log",
    conda:
        "../envs/gan_bench.yaml"
    threads: 2
    resources:
        data_dir=STUDY.data_dir,
    params:
        script=DETECTOR_SCRIPTS / "train_detector.py",
        own=subpath(input.runs, parent=True),
    shell:
        "OMP_NUM_THREADS=1 python {params.script:q} --jobs {threads} --corpus {resources.data_dir:q}/loss_trajectories"
        " --own {params.own:q} --out {output.detector:q} --document {output.document:q} > {log:q} 2>&1"
