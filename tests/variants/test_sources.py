"""Settings of presets compared with the numbers in papers and in the authors' code."""

import pytest

from gan_bench.config.load import load_study, parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.registry import component, names


def preset(name):
    text = f"datasets: [digits]\nvariants: [{name}]\nseeds: 1\nbudget: {{g_steps: 4}}\n"
    return expand(parse_study(text, "one")).cells[0].settings


def trick(settings, name):
    return next((trick for trick in settings["tricks"] if trick["name"] == name), None)


def test_the_sunflower_experiment_is_at_its_baseline():
    """Both players share one minibatch of latents, weights start as N(0, 0.01^2), and SGD has the rate 0.01."""
    settings = preset("sunflower_mlp")
    assert settings["g_optimizer"] == settings["d_optimizer"] and settings["g_optimizer"]["name"] == "sgd"
    assert settings["g_optimizer"]["lr"] == 0.01 and settings["g_optimizer"]["momentum"] == 0
    assert settings["model"]["init"] == "normal_001" and trick(settings, "shared_latents") and settings["d_steps"] == 1


@pytest.mark.parametrize("name", ["gan", "gan_minimax"])
def test_latents_of_the_first_gan_are_normal(name):
    """In the authors' code, goodfeli/adversarial, `Generator.noise` is "gaussian" by default.

    mnist.yaml keeps this default.
    """
    settings = preset(name)
    assert trick(settings, "latent_law") is None and settings["model"]["latent_dim"] == 100
    assert any("log-odds of each pixel" in text for text in component("models", "gan_mlp").facts["deviations"])


def test_infogan_has_the_latents_and_weights_of_its_code_for_mnist():
    """The latents are 62 numbers in U(-1, 1), one code of 10 categories and two continuous codes.

    info_reg_coeff is 1.0 for all codes.
    """
    settings = preset("infogan")
    codes = trick(settings, "mutual_information")
    assert trick(settings, "latent_law")["law"] == "uniform" and settings["model"]["latent_dim"] == 62
    assert (codes["categories"], codes["continuous"]) == (10, 2)
    assert (codes["weight"], codes["continuous_weight"]) == (1.0, 1.0)


def test_the_unrolled_gan_has_the_numbers_of_its_notebook():
    settings = preset("unrolled")
    assert (settings["batch_size"], settings["model"]["latent_dim"], settings["method"]["steps"]) == (512, 256, 5)
    assert (settings["g_optimizer"]["lr"], settings["d_optimizer"]["lr"]) == (1e-3, 1e-4)


def test_deviations_that_a_setting_does_not_show_are_stated():
    stated = {name: " ".join(component("variants", name).facts["deviations"]) for name in names("variants")}
    assert "Algorithm 1 sums" in stated["vae_gan"] and "unit hypercube" in stated["cgan"]
    assert "makes two" in stated["pacgan"] and "0.1" in stated["infogan"]
    assert all("authors' code" in stated[name] for name in ("gan", "gan_minimax", "lsgan", "lsgan_pm"))
    assert "1/3" in " ".join(component("methods", "vae_gan").facts["deviations"])


def test_a_paper_has_one_title():
    """arXiv:2501.05441 has the title of the conference paper, not the title of its workshop version."""
    for axis in ("losses", "penalties", "variants"):
        titles = [paper for name in names(axis) if "long live the GAN" in (paper := component(axis, name).paper)]
        assert all("A Modern GAN Baseline" in title for title in titles)


def test_the_study_of_lucic_says_where_its_settings_come_from(root):
    study = load_study(root / "config/studies/lucic2018.yaml")
    assert "authors" not in study.description and "default settings of its code" in study.description
    assert all(trick(cell.settings, "latent_law")["law"] == "uniform" for cell in expand(study).cells)
