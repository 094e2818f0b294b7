"""The functions of `import gan_bench`; the commands of gan_bench.cli call the same functions.

    results   load: tables and pictures of a study
    studies   check, run
    runs      train, sample
    samples   evaluate, compare
    logs      detect, Watch
    show      how results print: pictures, and text as HTML

The modules import large libraries inside functions, so that `import gan_bench` is fast.
"""
