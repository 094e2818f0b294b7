"""Commands for studies and for lists of components."""

import argparse
import json
import os
from pathlib import Path

from gan_bench import bits
from gan_bench.cli.command import Group, arg, count
from gan_bench.paths import PLAN, REPORT

group = Group("studies")


@group.command(arg("axis", nargs="?", help="an axis, such as losses (default: all)"), example="losses")
def list_(args: argparse.Namespace) -> None:
    """List the components of all axes, or of one axis."""
    from gan_bench.listing import listing

    print(listing(args.axis))


@group.command(arg("folder", type=Path, help="a new or empty folder"), example="my-study")
def init(args: argparse.Namespace) -> None:
    """Make a folder in which studies can run, with Snakefile, workflow, settings, studies and profiles."""
    from gan_bench.project import lay_out

    lay_out(args.folder)
    print(f"{args.folder}: ready. Run the default study: cd {args.folder} && snakemake --cores {os.cpu_count() or 1}")


@group.command(
    arg("study", help="name in config/studies/, or a path"),
    arg(
        "--static", action="store_true", help="check only the study's file, without trying batches or reading pictures"
    ),
    arg("--data-dir", type=Path, help="folder with mnist/, fashion_mnist/ or your own picture folders"),
    arg("--cores", type=count, default=os.cpu_count() or 1, help="cores for the estimated time (default: all)"),
    arg(
        "--power",
        type=Path,
        help="results folder of an earlier study, to print how many seeds its pairs of variants need",
    ),
    example="config/studies/demo.yaml --cores 4",
)
def check(args: argparse.Namespace) -> None:
    """Validate a study, try one batch of each variant, and print its runs, jobs and estimated time."""
    from gan_bench.api.studies import check

    print(check(args.study, args.static, args.data_dir, args.cores, args.power))


@group.command(
    arg("study_folder", type=Path, help="folder of the study's results, or the study's name"),
    arg("--figures", help="JSON list of figures with settings (default: the figures of the study)"),
    example="results/demo",
)
def redraw(args: argparse.Namespace) -> None:
    """Write tables, figures and report again from stored results, without training."""
    from gan_bench.archive.kept import restore, results_place
    from gan_bench.jobs.records import require_cells
    from gan_bench.report.redraw import redraw

    folder = args.study_folder
    if not (folder / PLAN).is_file() and folder.parent == Path():
        folder = "results" / folder
    folder = results_place(folder)
    if restore(folder):
        print(f"{folder}: unpacked from the project's published results")
    require_cells(folder)
    redraw(folder, json.loads(args.figures) if args.figures else None)
    print(folder / REPORT)


@group.command(
    arg("study", help="name in config/studies/, or a path"),
    arg("parts", type=Path, nargs="+", help="results folders of its parts, or study.zip files of `gan-bench keep`"),
    arg("--out", type=Path, required=True, help="a new or empty folder for the whole study"),
    arg("--device", default="cpu", choices=["cpu", "cuda"], help="device of the runs (default: cpu)"),
    example="demo parts/digits parts/sunflowers --out results/demo",
)
def join(args: argparse.Namespace) -> None:
    """Join separately trained parts of a study. They need the same code, library versions and mode of bits."""
    from gan_bench.archive.kept import opened
    from gan_bench.config.load import load_study
    from gan_bench.config.plan.grid import expand
    from gan_bench.verify.join import join

    plan = expand(load_study(args.study), device=args.device).to_json()
    with opened(args.parts) as folders:
        join(plan, folders, args.out)
    print(args.out / REPORT)


@group.command(
    arg("study", nargs="?", help="results folder, name, or archive (default: the study of config/config.yaml)"),
    arg("--sample", type=int, default=1, help="number of runs to train again (default: 1; 0: none)"),
    arg("--seed", type=int, default=0, help="seed for the choice of these runs (default: 0)"),
    arg("--data-dir", type=Path, help="folder with the source data, needed if the prepared data are missing"),
    arg("--trust-code", action="store_true", help="execute an archive's own components to train its runs again"),
    example="demo --sample 2",
)
def verify(args: argparse.Namespace) -> None:
    """Check the files of a study or an archive, and train some of its runs again.

    The tables of an archive are also made again from its runs.
    """
    from gan_bench.verify.stored import bits_of, find_study, read_manifest, study_of_config

    def say(text: str) -> None:
        print(text, flush=True)

    if args.study and Path(args.study).suffix == ".zip":
        from gan_bench.archive.unpack import unpacked

        file = Path(args.study)
        with unpacked(file) as archive:
            bits.choose(archive.bits)
            from gan_bench.archive.check import check_archive

            check_archive(file, archive, args.sample, args.seed, args.data_dir, args.trust_code, say)
        return
    from gan_bench.archive.kept import restore, results_place

    study, results = (args.study, Path("results")) if args.study else study_of_config()
    study = str(results_place(Path(study), results))
    place = Path(study) if Path(study).parent != Path() else results / study
    if restore(place):
        say(f"{place}: unpacked from the project's published results")
    folder = find_study(study, results)
    bits.choose(bits_of(read_manifest(folder)))
    from gan_bench.verify.study import verify

    verify(folder, args.sample, args.seed, args.data_dir, say)
