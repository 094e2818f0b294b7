"""Penalties: a file of this folder constrains the discriminator, by a term of its loss or after its step.

A penalty file declares FACTS with, besides paper, settings and deviations:
  "per_sample_critic"  True where the penalty has a meaning only for a critic that judges each image alone
and has any of these functions; one it does not use is absent:
  draw(rng, batch, shape, settings) -> {name: float32 array}     the random numbers of one step, for `batch` images of
                                                                 `shape` (C, H, W) as D sees them
  penalty(critic, real, fake, draws, settings) -> scalar         weighted; added to D's loss
  after_step(parameters, settings) -> None                       in place, after each step of D's optimizer
`critic` maps images (B, C, H, W) to logits (B,) and is bound to D's parameters; `draws` is what `draw` gave, as
tensors. Input gradients come from torch.func, so that a penalty composes with vmap and grad.
"""
