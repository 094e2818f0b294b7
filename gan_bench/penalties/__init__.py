"""Penalties: a file of this folder constrains D, by a term of D's loss or by a change of D's weights after each step.

A penalty file declares FACTS with, besides paper, settings and deviations:
  "per_sample_critic"  True if the penalty needs a critic whose logit of an image does not depend on other images
The file has some of these functions:
  draw(rng, batch, shape, settings) -> {name: float32 array}     random numbers of one step, for `batch` inputs of D of
                                                                 `shape` (C, H, W)
  penalty(critic, real, fake, draws, settings) -> scalar         the weighted term that is added to D's loss
  after_step(parameters, settings) -> None                       changes D's parameters in place after each step of
                                                                 its optimizer
`critic` maps images (B, C, H, W) to logits (B,) with D's current parameters. `real` and `fake` are real and generated
images as D gets them, after all tricks. `draws` is the result of `draw` as tensors. Compute gradients for D's inputs
with torch.func, so that the penalty works under vmap and grad.
"""
