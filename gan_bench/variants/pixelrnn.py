"""PixelRNN: pixels are generated one by one, with a row LSTM; for small images."""

FACTS = {
    "paper": "van den Oord, Kalchbrenner & Kavukcuoglu 2016, Pixel Recurrent Neural Networks (arXiv:1601.06759)",
    "equation": "section 3.1",
    "deviations": ["A small network: width 32, 2 layers, 8 levels of grey.", "Adam in place of RMSprop."],
    "group": "not adversarial",
    "set": {
        "method": "pixelrnn",
        "g_optimizer": {"name": "adam", "lr": 0.002, "beta1": 0.9, "beta2": 0.999},
        "batch_size": 32,
    },
}
