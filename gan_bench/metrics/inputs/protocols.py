"""Protocols of other packages: the numbers of rows, split, resize, extractor and metrics that a package uses."""

from collections.abc import Sequence
from dataclasses import dataclass

from gan_bench import registry
from gan_bench.errors import UserError, unknown_name
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.inputs.space import default_ref

#: Families that compare balls around rows; the ball of a row reaches to its k-th nearest neighbour.
NEIGHBOURS = ("precision_recall", "density_coverage")


@dataclass(frozen=True)
class Protocol:
    """The choices of a package.

    Attributes:
        extractor: name of the extractor for images.
        resize: value of `--resize`; None if only the extractor resizes images.
        largest: largest number of rows of each set; None for no limit. The two sets may have different numbers of rows.
        neighbours: largest number of rows of each set for the families in NEIGHBOURS. These families read equally many
            rows of each set. If it is None, they read the same rows as the other families.
        shrinks: whether KID's subsets become smaller if a set has fewer rows than a subset.
        metrics: the package's metrics, as families (with settings) or single values.
        split: which images the package reads.
        differences: remaining differences from the package, in words.
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
        """Number of scored rows of a set with `available` rows."""
        return available if self.largest is None else min(available, self.largest)

    def family(self, ref: Ref, counts: tuple[int, int]) -> tuple[Ref, tuple[int, int]]:
        """A family's settings, and the numbers of real and generated rows that it compares.

        `counts`: numbers of scored real and generated rows.
        """
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
        differences="inception_score_10 is torch-fidelity's mean of 10 splits, but the images are in another order. "
        "Precision and recall compare equally many real and generated images in Inception-v3; torch-fidelity's default "
        "for them is VGG-16",
    ),
    "clean-fid": Protocol(
        extractor="inception",
        resize="299:squash",
        largest=None,
        neighbours=None,
        shrinks=True,
        metrics=("frechet", SUBSETS),
        split="all given images",
        differences="Resized pixels are rounded to 8 bits (clean-fid: float32); the weights of TensorFlow's network "
        "are from torch-fidelity's file (clean-fid: from NVIDIA's file of the same network); subsets of KID are seeded",
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
        split="all given images, or 50,000 drawn from them if there are more",
        differences="dgm-eval uses ViT-L/14, which is the setting size of the extractor here; draws are seeded "
        "(dgm-eval: global generator); the distance at N = infinity starts at a fifth of the images (dgm-eval: a "
        "tenth, at most 5,000); dgm-eval's C_T, FLS and Vendi score within classes are not included",
    ),
}


def protocol_of(name: str, *, images: bool, extractor: str | None, resize: str | None, n: int | None) -> Protocol:
    """The protocol with this name.

    UserError if the name is unknown, another option contradicts the protocol, or its extractor is not installed.
    """
    if name not in PROTOCOLS:
        raise UserError(unknown_name("protocol", name, list(PROTOCOLS)))
    protocol = PROTOCOLS[name]
    if resize is not None or n is not None:
        raise UserError(f"--protocol {name} sets counts and resize; leave --n and --resize out.")
    if not images:
        return protocol
    if protocol.extractor not in registry.names("features"):
        raise UserError(
            f"--protocol {name} needs the extractor {protocol.extractor!r}, which is not installed; give the features "
            "as .npy files."
        )
    if extractor is not None and default_ref("features", extractor)["name"] != protocol.extractor:
        raise UserError(
            f"--protocol {name} uses the extractor {protocol.extractor!r}, but --extractor is {extractor!r}; leave "
            "--extractor out."
        )
    return protocol


def sentence(name: str, images: bool, metrics: Sequence[str] | None) -> str:
    """The protocol in words, as shown with the scores."""
    protocol = PROTOCOLS[name]
    space = f"extractor {protocol.extractor}" if images else "features as given (their extractor is not checked)"
    resize = f"resize {protocol.resize}" if protocol.resize else "the extractor's own resize"
    chosen = "" if metrics is None else "; metrics named by --metrics have their default settings"
    return f"{name}: {protocol.split}; {space}; {resize if images else 'no resize'}{chosen}. {protocol.differences}."
