"""Tricks: a file of this folder is one piece of advice for training GANs, on or off for any variant.

A trick file declares FACTS with, besides paper, settings and deviations, whichever of these hold (all optional):
  "needs_labels"     True where the data set must have labels
  "conditions"       True: z ends in a one-hot class (B, K), drawn uniformly, or the real minibatch's in D's step
  "d_sees_labels"    True: D gets the class as K constant planes after the image's channels
  "packs"            name of the setting that says how many images D judges together, stacked along channels
  "couples_batch"    True where D's logit depends on the other images of its minibatch, or {setting: [values]} that
                     make it so; "uncouples_batch": {setting: [values]} that take such a dependence of the model away
  "lipschitz"        True where it bounds D as a Wasserstein critic needs
  "separable_loss"   True where D's loss must be a mean of single images' terms
  "excludes"         names of tricks it cannot be combined with
  "d_steps"          True where it has `d_steps`; such a file imports no torch
Every setting has a default, with which the trick can be used on the model "dcgan" at least.
It has any of these functions; one it does not use is absent. `row` is a list of layers, `scene` a Scene; layers are
made on the meta device, so that nothing is drawn; they are filled by the model's initial law:
  generator(row, scene, settings) -> row             the layers from z to the image
  discriminator(row, scene, settings) -> row         the layers from the image to the output (B,) or (B, 1 + E)
  optimizers(g_ref, d_ref, settings) -> (g_ref, d_ref)
  d_steps(step, base, settings) -> int               D steps of the G step after `step` of them
  latent(rng, n, dim, settings) -> (n, dim) float32  the noise, in place of N(0, I)
  code_width(settings) -> int                        numbers that follow the noise (and the class) in z
  code(rng, n, settings) -> (n, code_width) float32
  draw(rng, batch, shape, settings) -> {name: array}  random numbers of one pass of `batch` images through D's front;
                                                     given as tensors to real, view and targets
  real(x, draws, settings) -> x                      real images (B, C, H, W) before anything else
  view(x, draws, progress, settings) -> x            every image on its way into D, real and generated, in both
                                                     players' steps; progress in [0, 1), a scalar tensor
  targets(t, draws, real, settings) -> t             (B,): what D is asked to say, 1 for real; `real` says of which
  judge(d, real, fake, settings) -> (out, out)       calls D on both minibatches
  logits(logits, settings) -> logits                 what D's outputs mean
  generator_loss(loss, real, fake, settings) -> scalar  G's objective; `loss` has discriminator(real, fake) and
                                                     generator(real, fake); `real` is None unless the loss needs it
  head_width(scene, settings) -> int                 further outputs of D beside its logit
  auxiliary(head, classes, codes, real, settings) -> scalar or None   added to both players' objectives; head
                                                     (B, head_width), classes one-hot (B, K) or None, codes or None
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """Sizes that a trick can build by: images are (C, H, W), D's input (d_channels, H, W), z (z_dim,)."""

    shape: tuple[int, int, int]
    d_channels: int
    z_dim: int
    classes: int
