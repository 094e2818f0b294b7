"""Tricks: a file of this folder is a change to the training of a GAN, which any variant can add or leave out.

A trick file declares FACTS with, besides paper, settings and deviations, those of these that apply:
  "needs_labels"     True where the data set must have labels
  "conditions"       True where z contains a one-hot class (B, K). In G's step classes are drawn uniformly; in D's step
                   they are those of the real images
  "d_sees_labels"    True where D gets the class as K constant planes after the image's channels
  "packs"            name of the setting that holds how many images D judges together, stacked along channels
  "couples_batch"    True where D's logit depends on the other images of its minibatch, or {setting: [values]} for the
                     settings with which it depends on them
  "uncouples_batch"  {setting: [values]} for the settings that remove such a dependence from the model
  "lipschitz"        True where it bounds D's Lipschitz constant, as a Wasserstein critic needs
  "separable_loss"   True where D's loss must be a mean of terms of single images
  "shares_latents"   True where G's step uses the latents of the last D step before it
  "mean_targets"     {"real": {setting: factor}, "fake": {...}} for a trick with the function `targets`: the mean target
                     of an image whose target was 1 or 0, as a sum of factor times setting; "1" is the constant. The
                     verdict computes D's attainable minimum and the equilibrium from it
  "generator_minimises"  "real_half" where G minimises the real half of D's loss on generated images. A trick with the
                     function `generator_loss` needs it, or the levels of G's loss are read wrongly
  "excludes"         names of tricks it cannot be combined with
  "d_steps"          True where it has the function `d_steps`; such a file imports no torch
Every setting has a default, with which the trick can be used on the model "dcgan" at least.
It has those of these functions that it needs. `row` is a list of layers, `scene` a Scene. New layers are made on the
meta device; the model's initialisation later fills them:
  generator(row, scene, settings) -> row             the layers from z to the image
  discriminator(row, scene, settings) -> row         the layers from the image to the output (B,) or (B, 1 + E)
  optimizers(g_ref, d_ref, settings) -> (g_ref, d_ref)
  d_steps(step, base, settings) -> int               D steps before G step number `step`, counted from 0
  latent(rng, n, dim, settings) -> (n, dim) float32  the noise, in place of N(0, I)
  code_width(settings) -> int                        numbers that follow the noise (and the class) in z
  code(rng, n, settings) -> (n, code_width) float32
  draw(rng, batch, shape, settings) -> {name: array}  random numbers for `batch` images; real, view and targets get
                                                     them as tensors
  real(x, draws, settings) -> x                      changes real images (B, C, H, W), before `view`
  view(x, draws, progress, settings) -> x            changes all images before D, in both players' steps; progress in
                                                     [0, 1) is a scalar tensor
  targets(t, draws, real, settings) -> t             changes D's targets (B,), 1 for real and 0 for generated images;
                                                     `real` is True for those of real images
  judge(d, real, fake, settings) -> (out, out)       calls D on both minibatches
  logits(logits, settings) -> logits                 changes D's logits (B,)
  generator_loss(loss, real, fake, settings) -> scalar  G's objective; `loss` has discriminator(real, fake) and
                                                     generator(real, fake); `real` is None unless the loss needs it
  head_width(scene, settings) -> int                 number of auxiliary outputs of D beside its logit
  auxiliary(head, classes, codes, real, settings) -> scalar or None   added to both players' objectives; head
                                                     (B, head_width), classes one-hot (B, K) or None, codes or None
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan_bench.errors import UserError
from gan_bench.registry import component


@dataclass(frozen=True)
class Scene:
    """Sizes for new layers: images are (C, H, W), D's input (d_channels, H, W), z (z_dim,)."""

    shape: tuple[int, int, int]
    d_channels: int
    z_dim: int
    classes: int


def is_conditional(settings: Mapping[str, Any]) -> bool:
    """Whether the generator of a run is given class labels; False where a user's trick can no longer be read."""
    try:
        return any(component("tricks", ref["name"]).facts.get("conditions") for ref in settings.get("tricks") or ())
    except UserError:
        return False
