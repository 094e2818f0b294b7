"""Models made of ordinary classes in a file: `networks.py:Generator,Discriminator`, or `networks.py:Gan` for one class.

A single class has both networks as attributes. `Net,Net` makes both networks from the class Net. This module reads
facts about the classes from the source, so that the check of a study needs no torch. gan_bench.models._classes builds
the networks.
"""

import ast
from collections.abc import Iterator
from typing import Any

MARK = ".py:"
#: Beginnings of the names of layers whose output depends on the other images of a minibatch.
BATCH_NORM = ("BatchNorm", "SyncBatchNorm")
#: Ends of the names of functions that set weights, such as xavier_uniform_.
FILLS = ("normal_", "uniform_", "constant_", "orthogonal_", "zeros_", "ones_")


def split(name: str) -> tuple[str, str]:
    """(file, classes) of a name such as "file.py:A,B"; classes is "" if the name has another form."""
    file, mark, classes = name.partition(MARK)
    return (f"{file}.py", classes.replace(" ", "")) if mark else (name, "")


def facts_of(tree: ast.Module, file: str, classes: str) -> dict[str, Any]:
    """FACTS of a model that is made of `classes` ("A" or "A,B") in a file.

    Raises:
        ValueError: `classes` is not valid, or a class is not in the file; the message is a sentence.
    """
    names = classes.split(",")
    if not 1 <= len(names) <= 2 or not all(name.isidentifier() for name in names):
        raise ValueError(
            f"{file}:{classes} is not valid; name one or two classes, for example {file}:Generator,Discriminator."
        )
    known = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for name in names:
        if name not in known:
            raise ValueError(f"{file}: no class {name!r}; it has {', '.join(sorted(known)) or 'none'}.")
    critic = known[names[-1]]
    coupled = any(word.startswith(BATCH_NORM) for node in _with_helpers(critic, known) for word in _words(node))
    behaviour = "batch_coupled" if coupled else "per_sample"
    return {
        "paper": f"none: classes of {file}",
        "settings": {
            "z_dim": {
                "type": "int",
                "default": None,
                "nullable": True,
                "min": 1,
                "help": "length of the noise vector z; null = find by trying a length that the generator accepts",
            },
            "critic": {
                "type": "str",
                "default": behaviour,
                "choices": ["batch_coupled", "per_sample"],
                "help": "whether a logit depends on the other images of the minibatch, as with batch norm",
            },
        },
        "deviations": [],
        "sizes": None,
        "channels": None,
        "critic_batch_coupled": {"critic": ["batch_coupled"]},
        "conditional": len(names) == 2 and _inputs(known[names[0]]) > 1,
        "sets_weights": any(word.endswith(FILLS) for word in _words(tree)),
    }


def _with_helpers(node: ast.ClassDef, known: dict[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """The class `node`, and the classes of the file that it uses directly or through other classes."""
    seen, todo = {node.name}, [node]
    while todo:
        current = todo.pop()
        yield current
        used = {word for word in _words(current) if word in known} - seen
        seen |= used
        todo += [known[name] for name in sorted(used)]


def _words(node: ast.AST) -> Iterator[str]:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            yield child.id
        elif isinstance(child, ast.Attribute):
            yield child.attr


def _inputs(node: ast.ClassDef) -> int:
    """Number of inputs of `forward` without a default, not counting self; 1 if the class does not define `forward`."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "forward":
            return len(item.args.args) - 1 - len(item.args.defaults)
    return 1
