"""The public functions of `import gan_bench`. Most have the name and arguments of a command of gan_bench.cli.

    results   load: tables and pictures of a study
    studies   check, run
    runs      train, sample
    samples   evaluate, compare
    logs      detect, Watch
    show      classes that display results: pictures, and text as HTML

The modules import large libraries inside functions, so that `import gan_bench` is fast.
"""
