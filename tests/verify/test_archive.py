"""Archives of studies have equal bytes if made twice, can be verified on any machine, and can be imported."""

import json
import shutil
import stat
import zipfile
from pathlib import Path
from urllib.parse import unquote

import pytest
from small_study import STUDY, Jobs
from small_study import run as run_study

from gan_bench.archive import store_runs
from gan_bench.archive.export import write_zip
from gan_bench.archive.own_code import own_refs
from gan_bench.archive.unpack import SMALL, refused
from gan_bench.cli import main
from gan_bench.files import digest_file, digest_of, read_json
from gan_bench.report.page import render

OWN_LOSS = (Path(__file__).parents[2] / "gan_bench/losses/hinge.py").read_text()
OWN_STUDY = STUDY.replace("loss: least_squares", "loss: mine/loss.py").replace("seeds: 2", "seeds: 1")


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.fixture(scope="module")
def archive(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Archive of the small finished study."""
    folder = tmp_path_factory.mktemp("archive")
    shutil.copytree(finished, folder / "results")
    render(folder / "results" / "small", [])
    assert main(["export", str(folder / "results/small"), "--out", str(folder / "a.zip"), "--author", "A. <b>"]) == 0
    return folder / "a.zip"


def contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def rewritten(archive: Path, out: Path, changes: dict[str, bytes], *, honest: bool) -> Path:
    """Write the archive with some files changed.

    If `honest`, the old checksums stay, so that the change can be found. Otherwise checksums are computed anew.
    """
    files = contents(archive) | changes
    if not honest:
        shas = {name: digest_file_of(content) for name, content in files.items() if name != "manifest-sha256.txt"}
        files["manifest-sha256.txt"] = "".join(f"{sha}  {name}\n" for name, sha in shas.items()).encode()
    write_zip(out, files)
    return out


def digest_file_of(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def test_an_archive_has_the_same_bytes_twice_and_holds_elsewhere(archive, tmp_path, monkeypatch, capsys):
    again = tmp_path / "again.zip"
    assert call(capsys, "export", archive.parent / "results/small", "--out", again, "--author", "A. <b>")[0] == 0
    assert again.read_bytes() == archive.read_bytes()
    assert call(capsys, "export", archive.parent / "results/small", "--out", again)[2].endswith(
        "name another file with --out.\n"
    )
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "verify", again, "--sample", "1")
    assert (code, err) == (0, "")
    assert (
        "tables made again from the records of the runs, 0 differences" in out and "bit-identical (ok, 20 steps" in out
    )
    assert "not scored" not in out and sorted(tmp_path.iterdir()) == [again], "it works in a temporary folder"


def test_an_archive_holds_what_an_ro_crate_must(archive):
    files = contents(archive)
    graph = {entity["@id"]: entity for entity in json.loads(files["ro-crate-metadata.json"])["@graph"]}
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["about"] == {"@id": "./"} and descriptor["conformsTo"]["@id"].endswith("/ro/crate/1.1")
    assert {"name", "description", "datePublished", "license", "hasPart", "author"} <= set(root)
    parts = {unquote(part["@id"]) for part in root["hasPart"]}
    assert parts == set(files) - {"ro-crate-metadata.json"} and all("@type" in entity for entity in graph.values())
    assert all(graph[part["@id"]]["@type"] == "File" for part in root["hasPart"])
    links = [entity[key] for entity in graph.values() for key in ("subjectOf", "instrument", "author") if key in entity]
    assert all(link["@id"] in graph for link in links)
    assert (
        graph["#data-digits-" + next(n for n in files if "/data/" in n).split("-")[1].split("/")[0]]["license"]
        == "CC BY 4.0"
    )
    for name, entity in graph.items():
        if "sha256" in entity:
            assert entity["sha256"] == digest_file_of(files[unquote(name)])
    cards = [text.decode() for name, text in files.items() if name.endswith("model_card.md")]
    assert len(cards) == 4 and all("| Fréchet distance | " in card and '"budget"' in card for card in cards)
    assert "@" in files["references.bib"].decode() and "CC BY 4.0" in files["README.md"].decode()


def test_imported_runs_are_not_trained_again(archive, tmp_path, monkeypatch, capsys):
    (tmp_path / "small.yaml").write_text(STUDY)
    arguments = ("import", archive, "--results", tmp_path / "results")
    assert "4 of 4 runs copied" in call(capsys, *arguments)[1]
    assert "0 of 4 runs copied" in call(capsys, *arguments)[1]
    jobs = Jobs(tmp_path / "small.yaml", tmp_path / "results")
    jobs.again()
    assert jobs.said.count("from the store") == 4 and "steps in" not in jobs.said
    old, new = (folder / "small/manifest.json" for folder in (archive.parent / "results", tmp_path / "results"))
    assert old.read_bytes() == new.read_bytes()
    monkeypatch.setattr(store_runs, "train_digest", lambda _settings: "0" * 16)
    code, _, err = call(capsys, "import", archive, "--results", tmp_path / "other")
    assert code == 2 and err.count(": 2 runs not imported: other code trained them (") == 2
    assert not (tmp_path / "other").exists()


def test_a_changed_byte_is_named(archive, tmp_path, capsys):
    files = contents(archive)
    name = next(name for name in files if name.endswith("seed0/history.parquet"))
    changed = files[name][:50] + bytes([files[name][50] ^ 1]) + files[name][51:]
    file = rewritten(archive, tmp_path / "b.zip", {name: changed}, honest=True)
    code, _, err = call(capsys, "verify", file)
    assert (
        code == 2
        and err == f"gan-bench verify: {file}: {name}: damaged: its SHA-256 differs from manifest-sha256.txt.\n"
    )
    raw = archive.read_bytes()
    place = raw.index(files[name][:200])
    (tmp_path / "c.zip").write_bytes(raw[: place + 50] + bytes([raw[place + 50] ^ 1]) + raw[place + 51 :])
    code, _, err = call(capsys, "import", tmp_path / "c.zip", "--results", tmp_path / "results")
    assert code == 2 and f"{name}: damaged: Bad CRC-32" in err and not (tmp_path / "results").exists()
    for name, content in (("plan.json", b"{}"), ("plan.json", b"[]"), ("runs", b"x")):
        file = rewritten(archive, tmp_path / "e.zip", {f"results/small/{name}": content}, honest=False)
        code, _, err = call(capsys, "verify", file, "--sample", "0")
        assert code == 2 and err.count("\n") == 1, err
    extra = rewritten(archive, tmp_path / "d.zip", {"more.txt": b"x"}, honest=True)
    assert "more.txt: not listed in manifest-sha256.txt." in call(capsys, "verify", extra)[2]


def test_a_better_score_with_right_checksums_is_found_by_making_the_tables_again(archive, tmp_path, capsys):
    files = contents(archive)
    table, listed = "results/small/tables/comparison.csv", "results/small/manifest.json"
    manifest = json.loads(files[listed])
    changed = files[table].replace(b",3.", b",1.").replace(b",2.", b",1.").replace(b",4.", b",1.")
    assert changed != files[table]
    manifest["results"]["tables"]["comparison.csv"] = digest_file_of(changed)
    del manifest["checksum"]
    manifest["digest"] = digest_of(manifest["results"])
    manifest["checksum"] = digest_of(manifest)
    changes = {table: changed, listed: json.dumps(manifest).encode()}
    file = rewritten(archive, tmp_path / "b.zip", changes, honest=False)
    code, _, err = call(capsys, "verify", file, "--sample", "0")
    assert code == 2 and err == f"gan-bench verify: {file}: tables/comparison.csv: differs when it is made again.\n"


@pytest.mark.parametrize("place", ["data", "name"])
def test_records_that_would_run_or_write_something_else_are_refused(archive, tmp_path, capsys, place):
    """The manifest names a file of the archive as data set, or a path in the plan leads out of the study's folder."""
    files, listed = contents(archive), [f"results/small/{name}.json" for name in ("plan", "manifest")]
    plan, manifest = (json.loads(files[name]) for name in listed)
    evil = {"results/evil.py": f"open({str(tmp_path / 'ran')!r}, 'w')".encode()}
    if place == "data":
        next(iter(manifest["results"]["data"].values()))["ref"]["name"] = "results/evil.py"
    else:
        plan["cells"][0]["id"] = "../../../x"
    del manifest["checksum"]
    manifest["digest"] = digest_of(manifest["results"])
    manifest["checksum"] = digest_of(manifest)
    changes = dict(zip(listed, (json.dumps(plan).encode(), json.dumps(manifest).encode()), strict=True))
    file = rewritten(archive, tmp_path / "b.zip", changes | evil, honest=False)
    code, _, err = call(capsys, "verify", file, "--sample", "4")
    words = {"data": "data sets differ from manifest.json", "name": "'../../../x' cannot be the name"}
    assert code == 2 and words[place] in err and not (tmp_path / "ran").exists()


def entry(name: str, *, mode: int = stat.S_IFREG | 0o644, size: int = 1) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.file_size = mode << 16, size
    return info


def test_dangerous_zip_files_are_refused_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    cases = {
        "an absolute path": [entry("/tmp/x")],
        "a path with '..'": [entry("results/../../x")],
        "a character that is not allowed": [entry("results\\x")],
        "not a path of a file": [entry("results//x")],
        "a link": [entry("results/x", mode=stat.S_IFLNK | 0o777)],
        "not a plain file": [entry("results/x", mode=stat.S_IFIFO | 0o644)],
        "too long a name": [entry("x" * 256)],
        "listed twice": [entry("x"), entry("x")],
        "both a file and a folder": [entry("x"), entry("x/y")],
        "100 times its own size": [entry("x", size=SMALL), entry("y", size=SMALL)],
    }
    for words, entries in cases.items():
        (sentence,) = refused(entries, 1000)
        assert words in sentence and "nothing was unpacked" in sentence
    for number, names in enumerate((["/tmp/gan-bench-pwned"], ["../pwned"], ["ok", "../pwned"])):
        file = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(file, "w") as opened:
            for name in names:
                opened.writestr(name, "x")
        code, _, err = call(capsys, "verify", file)
        assert code == 2 and err.count("\n") == 1 and "nothing was unpacked" in err
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("results/zeros", bytes(SMALL + 1))
    assert "100 times its own size" in call(capsys, "verify", bomb)[2]
    assert not list(tmp_path.rglob("*pwned*")) and not Path("/tmp/gan-bench-pwned").exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_code_of_an_archive_runs_only_when_it_is_trusted(tmp_path, monkeypatch, capsys):
    """The user's loss makes a file when it is imported, so the test sees whether its code ran.

    The loss is edited after the study has run. The archive contains the copy that was stored during the study.
    """
    monkeypatch.chdir(tmp_path)
    note = tmp_path / "imported"
    Path("mine").mkdir()
    Path("mine/loss.py").write_text(f"{OWN_LOSS}\nPath = __import__('pathlib').Path\nPath({str(note)!r}).touch()\n")
    Path("own.yaml").write_text(OWN_STUDY)
    render(run_study(Path("own.yaml"), Path("results")), [])
    Path("mine/loss.py").write_text("changed = 1\n")
    assert call(capsys, "export", "own", "--out", "own.zip")[0] == 0
    monkeypatch.chdir(tmp_path.parent)
    note.unlink()
    file = tmp_path / "own.zip"
    code, out, err = call(capsys, "verify", file)
    assert code == 2 and err.count("\n") == 1 and "would execute code in the archive (mine/loss.py)" in err
    assert "0 differences" in out and call(capsys, "verify", file, "--sample", "0")[0] == 0
    assert "2 of 2 runs copied" in call(capsys, "import", file, "--results", tmp_path / "taken")[1]
    assert not list((tmp_path / "taken").rglob("*.py")) and not note.exists()
    code, out, _ = call(capsys, "verify", file, "--sample", "2", "--trust-code")
    assert code == 0 and out.count("bit-identical") == 2


def test_a_study_that_is_not_whole_is_not_exported(archive, tmp_path, capsys):
    shutil.copytree(archive.parent / "results", tmp_path / "results")
    folder = tmp_path / "results" / "small"
    generator, status = (
        next(folder.glob(f"runs/*/*/seed1/{name}")) for name in ("generator.safetensors", "status.json")
    )
    generator.unlink()
    status.unlink()
    status.write_text(json.dumps({**read_json(next(folder.glob("runs/*/*/seed0/status.json"))), "seconds": 0}))
    (folder / "report.html").unlink()
    code, _, err = call(capsys, "export", folder, "--out", tmp_path / "x.zip")
    assert (
        code == 2 and f"{generator}: missing." in err and f"{status}: damaged" in err and "report.html: missing." in err
    )
    assert list(tmp_path.glob("*.zip")) == [] and call(capsys, "export", folder, "--out", "x.tar")[0] == 2


def test_a_collection_takes_archives_that_hold(archive, tmp_path, capsys):
    folder = tmp_path / "archives"
    folder.mkdir()
    shutil.copy2(archive, folder / "a.zip")
    shutil.copy2(archive, folder / "b.zip")
    rewritten(archive, folder / "c.zip", {"README.md": b"x"}, honest=True)
    code, out, _ = call(capsys, "collection", folder, "--out", tmp_path / "site")
    assert code == 0 and out.endswith("collection.html: 1 archive accepted, 2 refused\n")
    table, text, page = (tmp_path / "site" / f"collection.{kind}" for kind in ("csv", "md", "html"))
    rows = table.read_text().splitlines()
    assert len(rows) > 10 and all(",a.zip," in row and digest_file(archive) in row for row in rows[1:])
    assert "- c.zip: README.md: damaged" in text.read_text() and "- b.zip: a copy of a.zip." in text.read_text()
    html = page.read_text()
    assert "A. &lt;b&gt;" in html and "<script" not in html and "real images" in html
    assert call(capsys, "collection", tmp_path / "site")[0] == 2


def test_components_that_only_nested_settings_name_are_archived():
    """In an earlier version, an archive lacked components that are named only in a rewind, a parent, or a stop rule."""
    own = {key: {"name": f"./{key}.py", "digest": key} for key in ("r1", "hinge", "kid", "space")}
    settings = {
        "tricks": [],
        "rewind_on_collapse": {"to": "best", "then": [{"penalty": own["r1"]}]},
        "continue_from": {"settings": {"loss": own["hinge"], "tricks": []}, "step": 1},
        "early_stop": {"metric": own["kid"], "extractor": own["space"]},
    }
    evaluation = {"metrics": [], "extractor": {"digits": {"name": "pixels"}}}
    plan = {"datasets": {}, "cells": [{"settings": settings}], "evaluation": evaluation, "figures": []}
    assert own_refs(plan) == {
        ("penalties", "./r1.py"): "r1",
        ("losses", "./hinge.py"): "hinge",
        ("metrics", "./kid.py"): "kid",
        ("features", "./space.py"): "space",
    }
