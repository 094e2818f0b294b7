"""The functions behind `import gan_bench`; the commands of gan_bench.cli call the same ones.

    results   load: tables and pictures of a study
    studies   check, run
    runs      train, sample
    samples   evaluate, compare
    logs      detect, Watch
    show      how results print: pictures, and text as HTML

Each module imports the libraries that it needs inside its functions.
"""
