"""The component `none` does nothing."""

from gan_bench.penalties import none


def test_it_declares_no_function():
    assert not any(hasattr(none, function) for function in ("draw", "penalty", "after_step"))
