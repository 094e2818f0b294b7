"""The public functions of `import gan_bench`. The commands of gan_bench.cli call the same functions.

    results   load: tables and pictures of a study
    studies   check, run
    runs      train, sample
    samples   evaluate, compare
    logs      detect, Watch
    show      classes that display results: pictures, and text as HTML

The modules import large libraries inside functions, so that `import gan_bench` is fast.
"""
