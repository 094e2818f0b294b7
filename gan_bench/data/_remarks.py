"""Sentences on properties of a prepared data set because of which scores may be misleading."""

from collections.abc import Mapping
from typing import Any

from gan_bench.errors import first_of
from gan_bench.words import plural

#: Largest number of files, groups or folders that one sentence names.
NAMED = 5


def remarks(manifest: Mapping[str, Any]) -> list[str]:
    """Sentences on files left out, sub-folders, copies, and test images that equal training images; [] if none."""
    facts, sentences = manifest.get("facts", {}), []
    if skipped := manifest.get("skipped"):
        files = [f"{readable(entry['file'])} ({entry['reason']})" for entry in skipped]
        left = plural(len(skipped), "file is", "files are")
        sentences.append(f"{left} left out as unusable: {first_of(files, NAMED)}.")
    if folders := facts.get("sub_folders"):
        listed = first_of([f"{readable(name)} ({count})" for name, count in folders.items()], NAMED)
        sentences.append(
            f"{plural(sum(folders.values()), 'picture is', 'pictures are')} in sub-folders; they are used too, but "
            f"sub-folders are not classes: {listed}."
        )
    if copies := facts.get("copies"):
        groups = [" = ".join(map(readable, group[:NAMED])) for group in copies]
        count = sum(len(group) - 1 for group in copies)
        copies = plural(count, "picture is a copy", "pictures are copies")
        sentences.append(f"{copies} of others: {first_of(groups, NAMED)}.")
    if repeated := manifest.get("test_in_train"):
        sentences.append(
            f"{repeated} of {manifest['counts']['test']} test images are also training images, so scores against the "
            "test split are too good."
        )
    return sentences


def readable(name: str) -> str:
    """A file's name for a message, escaped if it has characters that cannot be printed or bytes that are not UTF-8."""
    return name if name.isprintable() else ascii(name)
