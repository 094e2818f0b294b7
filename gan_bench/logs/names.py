"""The meaning of the names of logged columns.

A column may be a loss of D or G, an output of D, a signal of this suite, or a counter of steps. The name of a loss may
also state the pair of networks and, for D, whether the loss is on real or on generated images.
"""

import functools
import re
from dataclasses import dataclass

from gan_bench.logs.log import LOSSES, SIGNALS

D_WORDS = {"d", "dis", "disc", "discrim", "discriminator", "discriminators", "critic", "netd", "dnet"}
G_WORDS = {"g", "gen", "generator", "generators", "netg", "gnet"}
LOSS_WORDS = {"loss", "losses", "l", "err", "error", "cost", "objective"}
FAKE_WORDS = {"fake", "generated", "synthetic"}
ADVERSARIAL = {"gan", "adv", "adversarial"}
HELD_OUT = {"val", "valid", "validation", "test", "eval", "dev"}
#: Words that do not change the meaning of a loss's name, such as "train" in "train/D_loss".
FILLERS = {
    *("train", "training", "mean", "avg", "average", "metrics", "metric", "step", "epoch", "batch", "log", "model"),
    *("hist", "history"),
}
#: A name with one of these words is not the adversarial loss of D or G.
OTHER_WORDS = {
    *("acc", "accuracy", "correct", "lr", "rate", "grad", "gradient", "norm", "time", "fid", "kid", "is", "count"),
    *("std", "num", "min", "max", "var", "ema", "score", "scores", "sign", "signs", "logit", "logits", "prob"),
    *("output", "outputs", "aux", "cls", "class", "classification", "ce", "info", "kl", "weight", "scale", "ratio"),
    *("l1", "l2", "mse", "cycle", "cyc", "idt", "identity", "pixel", "rec", "recon", "reconstruction", "tv", "lambda"),
    *("feature", "features", "feat", "fm", "vgg", "perceptual", "content", "style", "consistency", "contrast"),
    *("contrastive", "penalty", "gp", "r1", "r2", "reg", "path", "pl", "ppl", "steps", "size", "memory"),
}
_PARTS = (
    "discriminator|discrim|disc|dis|critic|generator|generated|gen|real|fake|adversarial|adv|gan|losses|loss|error|err|"
    r"accuracy|acc|total|train|net|d|g|\d+"
)
#: A word that consists of known words without separators, such as "realdiscloss" or "lossd".
_COMPOUND = re.compile(rf"(?=.*(?:loss|err|acc|disc|net))(?:{_PARTS})+")

#: Names of columns that count steps, in lower case without separators -> place in the order in which the columns are
#: tried. A column named "step" is tried first, then columns of place 0, then of place 1, and so on. The steps are taken
#: from the first column that fits (see `steps.choose_steps`).
STEP_NAMES = {
    **dict.fromkeys(("step", "steps", "globalstep", "trainerglobalstep", "trainstep", "gstep"), 0),
    **dict.fromkeys(("iteration", "iterations", "iter", "iters", "it", "itr", "niter", "totaliters", "totaliter"), 1),
    **dict.fromkeys(("batchesdone", "update", "updates", "curiter", "curnimg", "nimg", "images"), 1),
    **dict.fromkeys(("progresskimg", "kimg", "kimgs"), 2),
    **dict.fromkeys(("batch", "batches", "batchidx", "minibatch", "batchindex", "tick", "progresstick"), 3),
    **dict.fromkeys(("epoch", "epochs", "curepoch"), 4),
    **dict.fromkeys(("", "unnamed0", "index", "row"), 5),
}
#: INNER: names of counters that may restart in every epoch. OUTER: names of columns that count epochs.
INNER = {"iteration", "iterations", "iter", "iters", "it", "itr", "niter", "step", "steps"} | {
    name for name, priority in STEP_NAMES.items() if priority == 3
}
OUTER = {name for name, priority in STEP_NAMES.items() if priority == 4}

#: Names of D's outputs, in lower case without separators -> the name in this suite. "d_fake_after" is D's output on
#: generated samples after D's step.
OUTPUTS = {
    **dict.fromkeys(("dx", "realscore", "realscores", "scorereal", "scoresreal", "lossscoresreal", "dxmean"), "d_real"),
    **dict.fromkeys(
        ("doutreal", "probreal", "realprob", "logitsreal", "reallogits", "reallogit", "drealprob"), "d_real"
    ),
    **dict.fromkeys(("scored", "outdreal", "predreal", "realpred", "realvalidity", "preal"), "d_real"),
    **dict.fromkeys(("scoreg", "outdfake", "predfake", "fakepred", "fakevalidity", "pfake"), "d_fake"),
    **dict.fromkeys(("dgz", "dgz1", "fakescore", "fakescores", "scorefake", "scoresfake", "lossscoresfake"), "d_fake"),
    **dict.fromkeys(
        ("doutfake", "probfake", "fakeprob", "logitsfake", "fakelogits", "fakelogit", "dfakeprob"), "d_fake"
    ),
    "dgz2": "d_fake_after",
}


@dataclass(frozen=True)
class Meaning:
    """What a name means.

    kind: "loss", "output" (D's mean output), "signal" (a column of this suite's histories), "step" or "other".
    role: "D" or "G" for a loss; this suite's name for an output or signal; for a step, the name in lower case without
        separators.
    half: "real" or "fake" if the column is D's loss on only real or only generated images; else "".
    pair: name of the pair of networks; "" if the name mentions none.
    rank: for losses. Among several columns, the one with the lowest rank is most likely the adversarial loss.
    """

    kind: str
    role: str = ""
    half: str = ""
    pair: str = ""
    rank: int = 0


OTHER = Meaning("other")


@functools.lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """What the name of a column means."""
    stripped = name.strip()
    squeezed = re.sub(r"[^a-z0-9]", "", stripped.lower()).removesuffix("mean")
    if stripped in LOSSES:
        return Meaning("loss", "D" if stripped == "d_loss" else "G")
    if squeezed in STEP_NAMES:
        return Meaning("step", squeezed)
    if (signal := stripped.removeprefix("signals/")) in SIGNALS:  # as gan_bench.log_to writes it
        return Meaning("signal", signal)
    if squeezed == "lossdiscfakeg":  # MMGeneration's name of G's loss
        return Meaning("loss", "G", rank=1)
    if (output := OUTPUTS.get(squeezed.removeprefix("train"))) is not None:
        return Meaning("output", output)
    return _loss(words(stripped))


def _loss(parts: list[str]) -> Meaning:
    known = set(parts)
    if known & OTHER_WORDS or not known:
        return OTHER
    d, g = bool(known & D_WORDS), bool(known & G_WORDS)
    if not (d or g or known & ADVERSARIAL):
        return OTHER
    half = "real" if "real" in known else "fake" if known & FAKE_WORDS or (d and g) else ""
    pairs = [word for word in parts if re.fullmatch(r"[abcxyst]|[abxyst]{2}|[a-z]2[a-z]|\d{1,2}", word)]
    expected = (
        D_WORDS | G_WORDS | LOSS_WORDS | FAKE_WORDS | ADVERSARIAL | HELD_OUT | FILLERS | {"real", "total", *pairs}
    )
    strange = known - expected
    if not known & LOSS_WORDS and (strange or "total" in known):
        return OTHER
    if not d and half:  # "G_fake": a term of G's loss
        half = ""
    if not (d or g):
        rank = 5
    elif known & ADVERSARIAL:
        rank = 1
    else:
        rank = 4 if "total" in known else 2 if known & LOSS_WORDS else 3
    rank += 5 * bool(strange) + 10 * bool(known & HELD_OUT)
    pair = "_".join(pairs)
    if not d and re.fullmatch(r"[a-z]2?[a-z]", pair):  # the generator from A to B plays against B's discriminator
        pair = pair[-1]
    return Meaning("loss", "D" if d else "G", half, pair, rank)


def words(name: str) -> list[str]:
    """Words of a name in lower case: "RealDiscLoss" -> real, disc, loss; "loss_D_A" -> loss, d, a; "errD" -> err, d."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    parts = []
    for part in re.split(r"[^a-z0-9]+", spaced.lower()):
        if part in D_WORDS | G_WORDS:
            parts.append(part)
        elif _COMPOUND.fullmatch(part):
            parts += re.findall(_PARTS, part)
        elif numbered := re.fullmatch(r"(d|g|disc|gen)(\d{1,2})", part):
            parts += numbered.groups()
        elif part in ("c1", "c2"):  # the critic's losses on real (c1) and generated (c2) images
            parts += ["critic", part[1]]
        elif part:
            parts.append(part)
    return parts
