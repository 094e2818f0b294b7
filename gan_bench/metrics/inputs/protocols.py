"""How other packages score: counts, split, resize, extractor and metric settings of each, chosen together by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from gan_bench import registry
from gan_bench.errors import UserError, unknown_name
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.inputs.space import default_ref

#: Families that compare balls around rows.
NEIGHBOURS = ("precision_recall", "density_coverage")


@dataclass(frozen=True)
class Protocol:
    """The choices of a package.

    Attributes:
        extractor: name of the extractor for images.
        resize: as `--resize`; None leaves images to the extractor's own resize.
        largest: rows of each side at most; None for all of them. Sides may differ in number.
        neighbours: rows at most for NEIGHBOURS, as many of either side; None for those of the other families.
        shrinks: whether KID's subsets have all rows where there are fewer than a subset has.
        metrics: families with the package's settings, and single values.
        split: which real images it reads.
        differences: what still differs from the package, in words.
    """

    extractor: str
    resize: str | None
    largest: int | None
    neighbours: int | None
    shrinks: bool
    metrics: tuple[str, ...]
    split: str
    differences: str

    def count(self, available: int) -> int:
        """Rows of a side that are scored."""
        return available if self.largest is None else min(available, self.largest)

    def family(self, ref: Ref, counts: tuple[int, int]) -> tuple[Ref, tuple[int, int]]:
        """A family's settings and the real and generated rows that it compares, of those that are scored."""
        if self.neighbours is not None and ref["name"] in NEIGHBOURS:
            return ref, (min(self.neighbours, *counts),) * 2
        if self.shrinks and ref["name"] == "kid":
            return {**ref, "subset_size": min(ref["subset_size"], *counts)}, counts
        return ref, counts


SUBSETS = '{"name": "kid", "subsets": 100, "subset_size": 1000}'

PROTOCOLS = {
    "torch-fidelity": Protocol(
        extractor="inception",
        resize=None,
        largest=None,
        neighbours=None,
        shrinks=False,
        metrics=("frechet", SUBSETS, "inception_score", '{"name": "precision_recall", "k": 3, "inclusive": true}'),
        split="all given images",
        differences="inception_score_10 is torch-fidelity's mean of 10 splits; the order of the images in them "
        "differs. Precision and recall are of as many real as generated images, in Inception-v3; torch-fidelity's own "
        "default for them is VGG-16",
    ),
    "clean-fid": Protocol(
        extractor="inception",
        resize="299:squash",
        largest=None,
        neighbours=None,
        shrinks=True,
        metrics=("frechet", SUBSETS),
        split="all given images",
        differences="Resized pixels are rounded to 8 bits (clean-fid: float32); the weights are torch-fidelity's file "
        "of TensorFlow's network (clean-fid: NVIDIA's file of the same one); subsets of KID are seeded",
    ),
    "dgm-eval": Protocol(
        extractor="dinov2",
        resize="224:squash",
        largest=50_000,
        neighbours=10_000,
        shrinks=True,
        metrics=(
            *("frechet", '{"name": "frechet_infinity", "points": 15}', SUBSETS, "auth_pct"),
            *('{"name": "density_coverage", "k": 5}', '{"name": "precision_recall", "k": 5, "inclusive": false}'),
        ),
        split="all given images, 50,000 drawn of more",
        differences="dgm-eval takes ViT-L/14, here setting size of the extractor; draws are seeded (dgm-eval: the "
        "global generator); the distance at N = infinity starts at a fifth of the images (dgm-eval: a tenth, "
        "at most 5,000); its C_T, FLS and Vendi score within classes are not among the values",
    ),
}


def protocol_of(name: str, *, images: bool, extractor: str | None, resize: str | None, n: int | None) -> Protocol:
    """The protocol of a name. UserError if it is unknown, or if another option contradicts it."""
    if name not in PROTOCOLS:
        raise UserError(unknown_name("protocol", name, list(PROTOCOLS)))
    protocol = PROTOCOLS[name]
    if resize is not None or n is not None:
        raise UserError(f"--protocol {name} sets counts and resize; leave --n and --resize out.")
    if not images:
        return protocol
    if protocol.extractor not in registry.names("features"):
        raise UserError(
            f"--protocol {name} needs the extractor {protocol.extractor!r}, which is not installed; give its features "
            "as .npy files."
        )
    if extractor is not None and default_ref("features", extractor)["name"] != protocol.extractor:
        raise UserError(f"--protocol {name} has the extractor {protocol.extractor!r}; --extractor names another one.")
    return protocol


def sentence(name: str, images: bool, metrics: Sequence[str] | None) -> str:
    """The protocol in words, beside the numbers."""
    protocol = PROTOCOLS[name]
    space = f"extractor {protocol.extractor}" if images else "features as given, which the protocol cannot check"
    resize = f"resize {protocol.resize}" if protocol.resize else "the extractor's own resize"
    chosen = "" if metrics is None else "; metrics chosen by hand have their default settings"
    return f"{name}: {protocol.split}; {space}; {resize if images else 'no resize'}{chosen}. {protocol.differences}."
