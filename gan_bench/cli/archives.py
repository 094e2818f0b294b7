"""Commands for archives of studies: write an archive, import its runs, make a table of several archives."""

import argparse
from pathlib import Path

from gan_bench import bits
from gan_bench.cli.command import Group, arg
from gan_bench.words import plural

group = Group("archives")

RESULTS = arg("--results", type=Path, help="results folder (default: the one in config/config.yaml, else results)")


def _results(given: Path | None) -> Path:
    from gan_bench.verify.stored import results_folder

    return given or results_folder()


@group.command(
    arg("study", help="results folder or name of the study"),
    arg("--out", type=Path, help="file to write (default: STUDY.zip in the current folder)"),
    arg("--author", default="", help="name of the publisher of the results"),
    arg("--licence", default="", help="licence of the results, such as CC-BY-4.0"),
    RESULTS,
    example="demo --out demo.zip",
)
def export(args: argparse.Namespace) -> None:
    """Write a finished study to one zip file that others can check, train again and import."""
    from gan_bench.archive.export import export
    from gan_bench.verify.stored import find_study

    folder = find_study(args.study, _results(args.results))
    archive = export(folder, args.out or Path(f"{folder.name}.zip"), args.author, args.licence)
    print(
        f"{archive.file}: {plural(archive.n_files, 'file')}, {plural(archive.n_generators, 'generator')}, "
        f"{archive.size / 1e6:.1f} MB; to check it on any machine: gan-bench verify {archive.file}"
    )


@group.command(
    arg("study", help="results folder or name of the study"),
    arg("out", type=Path, help="folder for the copy, such as results/reference/STUDY"),
    arg("--most-mb", type=float, default=5.0, help="largest size in MB; pictures are left out if needed (default: 5)"),
    RESULTS,
    example="demo results/reference/demo",
)
def keep(args: argparse.Namespace) -> None:
    """Write a small copy of a finished study for version control: tables, histories, some pictures."""
    from gan_bench.archive.keep import keep
    from gan_bench.verify.stored import find_study

    file, size = keep(find_study(args.study, _results(args.results)), args.out, int(args.most_mb * 1e6))
    print(f"{file}: {size / 1e6:.2f} MB")


@group.command(
    arg("archive", type=Path, help="zip file that `gan-bench export` wrote"),
    RESULTS,
    example="demo.zip",
)
def import_(args: argparse.Namespace) -> None:
    """Check an archive's files and copy its runs to the store, so that studies with these runs do not train them."""
    from gan_bench.archive.unpack import unpacked

    with unpacked(args.archive) as archive:
        bits.choose(archive.bits)
        from gan_bench.archive.store_runs import import_runs

        import_runs(args.archive, archive, _results(args.results), lambda text: print(text, flush=True))


@group.command(
    arg("folder", type=Path, help="folder of archives"),
    arg("--out", type=Path, help="folder of the tables (default: the same folder)"),
    arg("--sample", type=int, default=0, help="runs of each archive to train again (default: 0)"),
    arg("--trust-code", action="store_true", help="with --sample: execute the archives' own components"),
    example="archives",
)
def collection(args: argparse.Namespace) -> None:
    """Make one table (CSV, Markdown, HTML) of the archives in a folder. Archives that `verify` refuses are left out."""
    from gan_bench.archive.collection import make_collection

    made = make_collection(args.folder, args.out or args.folder, args.sample, args.trust_code, print)
    print(f"{made.page}: {plural(made.n_taken, 'archive')} accepted, {made.n_refused} refused")
