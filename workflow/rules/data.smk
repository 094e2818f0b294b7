# In: files in data_dir or a user's folder, downloads, or nothing. Out: data sets as memory-mapped arrays, and the
# extractors of each data set.


rule prepare_data:
    output:
        manifest="<results>/data/{data}/manifest.json",
    log:
        "<results>/logs/data/{data}.log",
    resources:
        # The folder on this machine. It is not in `params`, so that nothing runs again if the source files are moved.
        data_dir=STUDY.data_dir,
    params:
        settings=STUDY.data_ref,
        code=STUDY.data_code,
    shell:
        "python -m gan_bench.cli job data --settings {params.settings:q} --data-dir={resources.data_dir:q}"
        " --out {output.manifest:q} --log {log:q}"


rule fit_extractor:
    input:
        manifest="<results>/data/{data}/manifest.json",
    output:
        record="<results>/data/{data}/reference/{extractor}/extractor.json",
    log:
        "<results>/logs/reference/{data}/{extractor}.log",
    threads: 1
    params:
        settings=STUDY.extractor_ref,
        code=STUDY.extractor_code,
    shell:
        "python -m gan_bench.cli job reference --settings {params.settings:q} --data {input.manifest:q}"
        " --threads {threads} --out {output.record:q} --log {log:q}"
