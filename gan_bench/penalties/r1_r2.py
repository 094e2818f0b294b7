"""R1 and R2: penalise the squared norm of the discriminator's input gradient on real and on generated images."""

from torch import Tensor

from gan_bench.penalties._gradient import Critic, Draws, Settings, squared_norms

FACTS = {
    "paper": "Mescheder, Geiger & Nowozin 2018, equations 9 and 10 (arXiv:1801.04406); both together: Huang et al. "
    "2024, The GAN is dead; long live the GAN! A Modern GAN Baseline, section 2.2 (arXiv:2501.05441)",
    "settings": {
        "gamma": {"type": "float", "default": 10.0, "min": 0, "help": "factor; gamma / 2 multiplies both means"}
    },
    "deviations": [],
    "per_sample_critic": True,
}


def penalty(critic: Critic, real: Tensor, fake: Tensor, draws: Draws, settings: Settings) -> Tensor:
    """gamma / 2 * (mean of |grad D(x)|^2 over real images + mean over generated images). The images are constants."""
    means = [squared_norms(critic, images.detach()).mean() for images in (real, fake)]
    return settings["gamma"] / 2 * (means[0] + means[1])
