"""Joins parts of a study that were trained separately, and writes tables, figures, page and manifest of the whole."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, digest_file, write_json
from gan_bench.jobs.manifest import store_manifest
from gan_bench.provenance import SAME_BITS
from gan_bench.report.redraw import redraw
from gan_bench.stats.collect.join import join_tables
from gan_bench.stats.write import names
from gan_bench.verify.stored import KEPT_RECORD, kept_record, manifest_with_tables

#: Stages of the workflow whose code must be the same in all parts. Other code is compared only between
#: two parts that both need it: the training code of a cell, and the code of a data set or of an extractor.
STAGES = ("evaluate", "collapse", "collect", "tables")


def join(plan: Mapping[str, Any], parts: Sequence[Path], out: Path) -> None:
    """Write the whole study to `out`: its plan, tables, figures, page and manifest.

    Args:
        plan: content of the plan.json of the whole study.
        parts: folders of the parts, each with its manifest.json and tables. Files of runs are not needed.
        out: a new or empty folder for the whole study.

    Raises:
        UserError: if the parts differ in code, library versions, device, threads or mode of bits (gan_bench.bits), or
            if they cannot be joined for another reason. Also if a part is missing or damaged, or if `out` is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise UserError(f"{out}: not empty; name a new folder.")
    for part in parts:
        if not part.exists():
            raise UserError(f"{part}: no such file or folder; a part of the study is needed.")
    manifests = [manifest_with_tables(part) for part in parts]
    for part, manifest in zip(parts[1:], manifests[1:], strict=True):
        _same_code(parts[0], manifests[0], part, manifest)
        _same_bits(parts[0], manifests[0], part, manifest)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".join-") as temporary:
        folder = Path(temporary) / "study"
        write_json(folder / paths.PLAN, plan)
        sources = join_tables(folder, parts)
        redraw(folder)
        manifest = _write_manifest(plan, manifests, [f"{d}/{c}/seed{s}" for d, c, s in sources], folder)
        cards = {names.RUN_CARDS: digest_file(folder / names.RUN_CARDS)}
        write_json(folder / KEPT_RECORD, kept_record(cards, manifest))
        if out.exists():
            out.rmdir()
        folder.replace(out)


def _same_code(first: Path, one: Mapping[str, Any], part: Path, other: Mapping[str, Any]) -> None:
    """UserError if the code of a stage in STAGES, or of a data set, extractor or cell of both parts, differs."""
    pairs = {stage: (one["code"][stage], other["code"][stage]) for stage in STAGES}
    for axis in ("data", "features"):
        shared = set(one["code"][axis]) & set(other["code"][axis])
        pairs |= {f"{axis} {name}": (one["code"][axis][name], other["code"][axis][name]) for name in sorted(shared)}
    digests = [_training_code(manifest) for manifest in (one, other)]
    for cell in sorted(set(digests[0]) & set(digests[1])):
        pairs[f"training of {cell}"] = digests[0][cell], digests[1][cell]
    wrong = [f"{name} {a} and {b}" for name, (a, b) in pairs.items() if a != b]
    if wrong:
        raise UserError(f"{first} and {part} cannot be joined: code digests differ: {'; '.join(wrong)}.")


def _training_code(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Cell -> digest of the code that trains it."""
    return {name.rpartition("/seed")[0]: run["code"] for name, run in manifest["results"]["runs"].items()}


def _same_bits(first: Path, one: Mapping[str, Any], part: Path, other: Mapping[str, Any]) -> None:
    """UserError if two parts differ in a key of SAME_BITS: mode of bits, device, threads or library versions."""
    sets = [
        {canonical_json({key: group["provenance"].get(key) for key in SAME_BITS}) for group in manifest["made_with"]}
        for manifest in (one, other)
    ]
    if sets[0] != sets[1]:
        raise UserError(
            f"{first} and {part} cannot be joined: the mode of bits or library versions differ: "
            f"{'; '.join(sorted(sets[0]))} and {'; '.join(sorted(sets[1]))}."
        )


def _write_manifest(
    plan: Mapping[str, Any], manifests: Sequence[Mapping[str, Any]], runs: Sequence[str], out: Path
) -> dict[str, Any]:
    """Write the manifest that the undivided study would have, with the digests of the parts added."""
    merged: dict[str, Any] = {
        key: {name: value for manifest in reversed(manifests) for name, value in manifest["results"][key].items()}
        for key in ("cells", "runs", "datasets", "data", "features")
    }
    merged["runs"] = {name: merged["runs"][name] for name in runs}
    cells = {f"{cell['dataset']}/{cell['id']}" for cell in plan["cells"]}
    merged["cells"] = {name: settings for name, settings in merged["cells"].items() if name in cells}
    code = {**manifests[0]["code"]}
    for axis in ("data", "features"):
        code[axis] = {name: digest for manifest in manifests for name, digest in manifest["code"][axis].items()}
    made_with = [group for manifest in manifests for group in manifest["made_with"]]
    parts = [manifest["digest"] for manifest in manifests]
    return store_manifest(out, plan, merged, code=code, made_with=made_with, parts=parts)
