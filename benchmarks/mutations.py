"""Mutation test of losses and penalties: flips signs and drops terms, one at a time; the tests must fail.

    python benchmarks/mutations.py [--only hinge r1]      about ten minutes on one core for all

Each mutant is a copy of the package with one change in one file of losses/ or penalties/. The changes are:

- drop a minus, one side of an operation, a call such as square or detach, or one half of D's loss;
- swap + and -, * and /, or real and fake;
- change a number, or replace a mean by a sum.

The tests of losses, or those of penalties, run against the mutant and must fail. A mutant survives if they pass.
Surviving mutants are listed with their change. EQUIVALENT lists mutants that no test can detect, with the reason. The
exit code is 1 if any other mutant survives.
"""

import argparse
import ast
import copy
import difflib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("losses", "penalties")
#: Folder of the package -> tests that run against its mutants, the fastest first.
TESTS = {
    "losses": [
        "tests/penalties/test_dirac_gan.py",
        "tests/losses",
        "--ignore=tests/losses/test_optimal_discriminator.py",
    ],
    "penalties": ["tests/penalties"],
}

#: "<file>: <changed line>" -> why no test can distinguish the mutant from the original.
EQUIVALENT = {
    "relativistic.py: assert fake is not None": "both are None or neither is; the assertion is for the type checker",
    "dragan.py: real = real": "images are data: nothing upstream takes a gradient; kept against misuse",
}

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
#: Calls that are dropped: `x.square()` or `square(x)` becomes `x`.
REMOVED = {"square", "abs", "clamp", "detach", "relu", "softplus", "logsigmoid"}


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """(description of the change, mutated tree) for every possible change in the functions of a file."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for f, function in enumerate(functions):
        for i, node in enumerate(ast.walk(function)):
            for what, change in changes(node):
                mutated = copy.deepcopy(tree)
                mutated_function = [n for n in mutated.body if isinstance(n, ast.FunctionDef)][f]
                target = list(ast.walk(mutated_function))[i]
                _replace(mutated_function, target, change)
                yield f"{function.name}: {what}", ast.fix_missing_locations(mutated)


def changes(node: ast.AST) -> list[tuple[str, ast.expr]]:
    """(description, expression) of the possible replacements of a node."""
    replacements: list[tuple[str, ast.expr]] = []
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        replacements.append(("minus dropped", node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        replacements.append(("operator swapped", ast.BinOp(node.left, SWAPS[type(node.op)](), node.right)))
        replacements.append(("right side dropped", node.left))
        if isinstance(node.op, ast.Add | ast.Mult):
            replacements.append(("left side dropped", node.right))
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in REMOVED:
            inner = node.func.value if isinstance(node.func, ast.Attribute) else node.args[0]
            replacements.append((f"{name} taken away", inner))
        if name == "mean" and isinstance(node.func, ast.Attribute):
            whole = ast.Call(ast.Attribute(node.func.value, "sum", ast.Load()), node.args, node.keywords)
            replacements.append(("mean became a sum", whole))
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        replacements.append(("number changed", ast.Constant(node.value + 1)))
    if isinstance(node, ast.Name) and node.id in ("real", "fake") and isinstance(node.ctx, ast.Load):
        other = {"real": "fake", "fake": "real"}[node.id]
        replacements.append(("real and fake changed places", ast.Name(other, ast.Load())))
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        zero = ast.parse("real.sum() * 0", mode="eval").body
        replacements.append(("first half dropped", ast.Tuple([zero, node.elts[1]], ast.Load())))
        replacements.append(("second half dropped", ast.Tuple([node.elts[0], zero], ast.Load())))
    return replacements


def _replace(parent: ast.AST, target: ast.AST, new: ast.expr) -> None:
    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is target else self.generic_visit(node)

    # The replacement contains nodes of the original tree, which equal those of the copy.
    Swap().visit(parent)


def survives(folder: Path, axis: str) -> bool:
    """Whether the tests of `axis` ("losses" or "penalties") pass against the package in `folder`."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *TESTS[axis]]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def difference(before: str, after: str) -> str:
    """The changed lines of two texts: old lines with -, then new lines with +."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[3:]
    return "\n".join(line for line in lines if not line.startswith("@@"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="*", help="stems of the files to mutate")
    only = parser.parse_args().only
    killed, left = 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "gan_bench", folder / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))
        for item in ("tests", "pyproject.toml"):
            (folder / item).symlink_to(ROOT / item)
        if not all(survives(folder, axis) for axis in FOLDERS):
            raise SystemExit("the tests fail without any mutation")
        files = [file for axis in FOLDERS for file in sorted((folder / "gan_bench" / axis).glob("*.py"))]
        for file in files:
            if file.stem == "__init__" or (only and file.stem not in only):
                continue
            source = file.read_text()
            plain = ast.unparse(ast.parse(source))
            for what, mutant in mutants(ast.parse(source)):
                file.write_text(ast.unparse(mutant))
                if survives(folder, file.parent.name):
                    left.append((file.name, what, difference(plain, ast.unparse(mutant))))
                    print(f"SURVIVED {file.parent.name}/{file.name} {what}\n{left[-1][2]}", flush=True)
                else:
                    killed += 1
            file.write_text(source)
            print(f"{file.parent.name}/{file.name}: {killed} killed so far", flush=True)
    unknown = [entry for entry in left if not any(reason_for(entry, key) for key in EQUIVALENT)]
    print(f"{killed} mutants killed, {len(left)} survived, {len(left) - len(unknown)} of them equivalent with a reason")
    return 1 if unknown else 0


def reason_for(entry: tuple[str, str, str], key: str) -> bool:
    file, _, text = key.partition(": ")
    return entry[0] == file and text in entry[2]


if __name__ == "__main__":
    sys.exit(main())
