"""Tricks: a file of this folder is a change to the training of a GAN, which any variant can add or leave out.

A trick file declares FACTS with paper, settings and deviations, and with these keys if they apply:
  "needs_labels"     True if the data set must have labels
  "conditions"       True if z contains a one-hot class (B, K). In D's step, z gets the classes of the real images. In
                     G's step, z gets random classes, or those of the real images if G's loss reads real images
  "d_sees_labels"    True if D's input has the class as K constant planes (one-hot) after the image's channels
  "packs"            name of the setting that says how many images, stacked along channels, D judges together
  "couples_batch"    True if the trick makes D's logit of an image depend on the other images of its minibatch;
                     {setting: [values]} if only these settings do so
  "uncouples_batch"  {setting: [values]}: if a setting has one of these values, the trick removes such a dependence from
                     the model
  "lipschitz"        True if the trick bounds D's Lipschitz constant, as a Wasserstein critic needs
  "separable_loss"   True if the trick needs a loss of D that is a mean of terms, each of a single image
  "shares_latents"   True if G's step uses the latents of the last D step before it
  "mean_targets"     for a trick with the function `targets`: the mean target of a real and of a generated image, each
                     as {setting: factor}: the sum of setting times factor. "1" is the number 1. Example:
                     {"real": {"1": 1, "p": -1}, "fake": {"p": 1}} means 1 - p for real and p for generated images. From
                     these targets, the collapse detector computes the minimum of D's loss and the losses at equilibrium
  "generator_minimises"  "real_half" if G minimises D's loss for real images, computed on generated images. Without this
                     key, the collapse detector misreads G's loss in runs of a trick with the function `generator_loss`
  "excludes"         names of the tricks with which this trick cannot be combined
  "d_steps"          True if the file has the function `d_steps`; such a file must not import torch
Every setting has a default. With all defaults, the trick can be used at least on the model "dcgan".
The file has some of these functions. `row` is a list of layers, `scene` a Scene. New layers are made on the meta
device; the model's initialisation fills them later:
  generator(row, scene, settings) -> row             the layers from z to the image
  discriminator(row, scene, settings) -> row         the layers from the image to the output (B,) or (B, 1 + E)
  optimizers(g_ref, d_ref, settings) -> (g_ref, d_ref)  names and settings of the optimizers of G and D
  d_steps(step, base, settings) -> int               D steps before G step number `step`, counted from 0
  latent(rng, n, dim, settings) -> (n, dim) float32  the noise, in place of N(0, I)
  code_width(settings) -> int                        number of columns of z with codes, after the noise and the class
  code(rng, n, settings) -> (n, code_width) float32  draws the codes
  draw(rng, batch, shape, settings) -> {name: array}  random numbers for `batch` images; real, view and targets get
                                                     them as tensors
  real(x, draws, settings) -> x                      changes real images (B, C, H, W), before `view`
  view(x, draws, progress, settings) -> x            changes all images before D, in both players' steps; progress is
                                                     the finished share of the training, a scalar tensor in [0, 1)
  targets(t, draws, real, settings) -> t             changes D's targets (B,), 1 for real and 0 for generated images;
                                                     `real` says whether the images are real
  judge(d, real, fake, settings) -> (out, out)       calls D as d(x); returns D's outputs for `real` and `fake`
  logits(logits, settings) -> logits                 changes D's logits (B,)
  generator_loss(loss, real, fake, settings) -> scalar  G's objective; `loss` has discriminator(real, fake) and
                                                     generator(real, fake); `real` is None unless the loss needs it
  head_width(scene, settings) -> int                 number of auxiliary outputs of D in addition to its logit
  auxiliary(head, classes, codes, real, settings) -> scalar or None   term added to both players' objectives; head
                                                     (B, head_width), classes one-hot (B, K) or None, codes or None
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan_bench.errors import UserError
from gan_bench.registry import component


@dataclass(frozen=True)
class Scene:
    """Sizes for new layers: images are (C, H, W), D's input is (d_channels, H, W), z is (z_dim,).

    `classes` is the number of classes of the data set, 0 without labels.
    """

    shape: tuple[int, int, int]
    d_channels: int
    z_dim: int
    classes: int


def is_conditional(settings: Mapping[str, Any]) -> bool:
    """Whether the generator of a run gets class labels. False if a trick's file can no longer be read."""
    try:
        return any(component("tricks", ref["name"]).facts.get("conditions") for ref in settings.get("tricks") or ())
    except UserError:
        return False
