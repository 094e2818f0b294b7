"""No penalty has nothing to do."""

from gan_bench.penalties import none


def test_it_declares_no_function():
    assert not any(hasattr(none, function) for function in ("draw", "penalty", "after_step"))
