"""Notes on changed code are written also if the source folder of a study is missing."""

from types import SimpleNamespace

from gan_bench.config.grammar.reference import resolve
from gan_bench.preview.code_notes import study_notes


def test_a_missing_folder_of_pictures_does_not_keep_a_study_from_being_drawn(tmp_path, monkeypatch):
    """In an earlier version, `figures` of a published study on photographs ended with a traceback."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    ref = resolve("data", {"name": "image_folder", "path": "pictures", "size": 32})
    (tmp_path / "pictures").rmdir()
    lookups = SimpleNamespace(
        data_dir=None,
        datasets={"photos": {"ref": ref}},
        all_cells=[],
        extractors={},
        stages=[],
        json={"evaluation": {"metrics": []}},
        plan=SimpleNamespace(figures=[]),
        page_parts=lambda: [],
        page_code=lambda: "0123",
    )
    assert "0123" in study_notes(lookups)
