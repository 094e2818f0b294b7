"""Shared latents: G's step uses the latents of the last D step before it."""

from typing import Any

FACTS: dict[str, Any] = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, the authors' code (goodfeli/adversarial), which "
    "computes both objectives on one batch of samples; Algorithm 1 draws a second batch (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "shares_latents": True,
}
