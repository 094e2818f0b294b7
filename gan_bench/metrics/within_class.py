"""Scores of a class-conditional generator: share of images of the requested class, and Fréchet distance by class.

The classes of the generated images are requested, so their shares say nothing about the quality of the generator. Here,
the numbers of generated and of scored real images are equal in each class. The class of a real image is the most
probable class of the extractor's classifier.

    label_accuracy   share of images whose most probable class is the requested class
    class_fid        mean over classes of the Fréchet distance between generated and real features of the class;
                     classes with fewer than `least` real images are left out
"""

from typing import Any

import numpy as np

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._classes import log_probs_of
from gan_bench.metrics._classification_task import generated
from gan_bench.metrics.frechet import frechet_distance

FACTS = {
    "paper": "Miyato & Koyama 2018, cGANs with Projection Discriminator, section 5 ('intra FID', arXiv:1802.05637); "
    "accuracy of a classifier on generated images: Odena et al. 2017, arXiv:1610.09585, section 4.2",
    "settings": {
        "least": {
            "type": "int",
            "default": 10,
            "min": 2,
            "help": "least number of real images of a class for a distance",
        },
    },
    "deviations": [
        "The feature space is the run's extractor; intra FID uses Inception-v3 pool3.",
        "The class of a real image is the most probable class of the extractor's classifier, not its label.",
    ],
    "needs": ["log_probs", "run"],
    "values": {
        "label_accuracy": {"label": "Label accuracy", "direction": "higher", "range": [0.0, 1.0], "unit": ""},
        "class_fid": {
            "label": "Fréchet distance within classes",
            "direction": "lower",
            "range": [0.0, None],
            "unit": "",
        },
    },
    "min_n": 2,
    "estimator": "plug-in, as many generated as real images of each class; the distance is biased upward by about "
    "c/n, where n is the number of images of a class",
    "splits": True,
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Both values.

    Raises:
        MetricUndefined: the generator takes no class or gives images that are not finite, the extractor gives no class
            probabilities, or its number of classes is not that of the data set.
    """
    run = sets.run
    assert run is not None
    if not run.conditional:
        raise MetricUndefined("the generator takes no class: it makes no labelled images")
    if sets.real.log_probs is None:
        raise MetricUndefined("needs class probabilities of the real images")
    real_classes = sets.real.log_probs.argmax(axis=1)
    counts = np.bincount(real_classes, minlength=sets.real.log_probs.shape[1])
    if len(counts) != len(run.data.classes or ()):
        raise MetricUndefined("the extractor and the data set have different numbers of classes")
    images = generated(run, counts, rng)
    points = run.reference.extract(images.images)
    correct = log_probs_of(points).argmax(axis=1) == images.labels
    distances = class_distances(sets.real, real_classes, points, images.labels, settings["least"])
    none = MetricUndefined(f"no class has {settings['least']} real images")
    return {
        "label_accuracy": float(correct.mean()),
        "class_fid": float(np.mean(distances)) if distances else none,
    }


def class_distances(
    real: Features, real_classes: np.ndarray, fake: Features, fake_classes: np.ndarray, least: int
) -> list[float]:
    """Fréchet distance of each class that has at least `least` real images, in the order of classes."""
    classes, counts = np.unique(real_classes, return_counts=True)
    return [
        frechet_distance(real.features[real_classes == k], fake.features[fake_classes == k])
        for k in classes[counts >= least]
    ]
