"""What a person must know of prepared data before trusting scores on them, as sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from gan_bench.words import counted

#: Files, groups and folders that one sentence names.
NAMED = 5


def remarks(manifest: Mapping[str, Any]) -> list[str]:
    """Sentences on files left out, sub-folders, copies, and test images that are training images; [] for clean data."""
    facts, sentences = manifest.get("facts", {}), []
    if skipped := manifest.get("skipped"):
        files = [f"{readable(entry['file'])} ({entry['reason']})" for entry in skipped]
        sentences.append(f"{counted(len(skipped), 'file is', 'files are')} left out as unusable: {_some(files)}.")
    if folders := facts.get("sub_folders"):
        names = [f"{readable(name)} ({count})" for name, count in folders.items()]
        sentences.append(
            f"{counted(sum(folders.values()), 'picture is', 'pictures are')} in sub-folders; they are used too, but "
            f"sub-folders are not classes: {_some(names)}."
        )
    if copies := facts.get("copies"):
        groups = [" = ".join(map(readable, group[:NAMED])) for group in copies]
        count = sum(len(group) - 1 for group in copies)
        sentences.append(f"{counted(count, 'picture is a copy', 'pictures are copies')} of others: {_some(groups)}.")
    if repeated := manifest.get("test_in_train"):
        sentences.append(
            f"{repeated} of {manifest['counts']['test']} test images are also training images, so scores against the "
            "test split are too good."
        )
    return sentences


def readable(name: str) -> str:
    """A file's name for a message, escaped if it holds line breaks or bytes that are not UTF-8."""
    return name if name.isprintable() else ascii(name)


def _some(entries: Sequence[str]) -> str:
    more = f"; and {len(entries) - NAMED} more" if len(entries) > NAMED else ""
    return "; ".join(entries[:NAMED]) + more
