"""Penalties: a file of this folder constrains the discriminator, with a term of its loss or after its step.

A penalty file declares FACTS with, besides paper, settings and deviations:
  "per_sample_critic"  True where the penalty needs a critic whose logit of an image does not depend on other images
and has those of these functions that it needs:
  draw(rng, batch, shape, settings) -> {name: float32 array}     the random numbers of one step, for `batch` inputs of D
                                                                 of `shape` (C, H, W)
  penalty(critic, real, fake, draws, settings) -> scalar         weighted; added to D's loss
  after_step(parameters, settings) -> None                       in place, after each step of D's optimizer
`critic` maps images (B, C, H, W) to logits (B,) with D's current parameters. `draws` holds the arrays of `draw` as
tensors. Compute input gradients with torch.func, so that the penalty composes with vmap and grad.
"""
