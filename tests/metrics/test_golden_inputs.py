import pytest
from golden_inputs import GOLDEN, case, fake_logits, real_logits, sha256


@pytest.mark.parametrize("name", GOLDEN["cases"])
def test_the_inputs_are_those_the_values_were_computed_from(name):
    expected = GOLDEN["cases"][name]
    real, fake = case(name)
    assert real.shape == (expected["n_real"], expected["d"])
    assert fake.shape == (expected["n_fake"], expected["d"])
    assert (sha256(real), sha256(fake)) == (expected["sha256_real"], expected["sha256_fake"])


def test_the_logits_are_those_the_scores_were_computed_from():
    assert sha256(fake_logits()) == GOLDEN["logits"]["sha256_fake"]
    assert sha256(real_logits()) == GOLDEN["logits"]["sha256_real"]
