"""R1: penalises the squared norm of the discriminator's input gradient on real images."""

from torch import Tensor

from gan_bench.penalties._gradient import Critic, Draws, Settings, squared_norms

FACTS = {
    "paper": "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 9 "
    "(arXiv:1801.04406)",
    "settings": {
        "gamma": {"type": "float", "default": 10.0, "min": 0, "help": "factor; gamma / 2 multiplies the mean"}
    },
    "deviations": ["With the paper's factor 1/2; the authors' code does not have it, so its gamma 10 is 20 here."],
    "per_sample_critic": True,
}


def penalty(critic: Critic, real: Tensor, fake: Tensor, draws: Draws, settings: Settings) -> Tensor:
    """gamma / 2 * mean over real images of |grad D(x)|^2, where D(x) is the logit. The images are constants."""
    return settings["gamma"] / 2 * squared_norms(critic, real.detach()).mean()
