"""The folders of `gan_bench.stats` import only from themselves and from lower folders."""

import ast

import pytest

#: The folders ("rooms") of gan_bench/stats, lowest first.
ROOMS = ("write", "estimate", "collect", "tables")


@pytest.mark.parametrize("room", ROOMS)
def test_imports_of_rooms_run_one_way(root, room: str) -> None:
    higher = ROOMS[ROOMS.index(room) + 1 :]
    files = sorted((root / "gan_bench" / "stats" / room).glob("*.py"))
    assert len(files) > 1, "the room is not empty"
    for file in files:
        modules = [
            node.module or "" for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)
        ]
        wrong = [m for m in modules if m.startswith(tuple(f"gan_bench.stats.{name}" for name in higher))]
        assert not wrong, f"{file.name} imports {wrong}"


def test_every_file_is_in_a_room(root) -> None:
    stats = root / "gan_bench" / "stats"
    assert {path.name for path in stats.iterdir() if path.name != "__pycache__"} == {"__init__.py", *ROOMS}
