"""Gated PixelCNN: pixels are generated one by one, with masked convolutions."""

FACTS = {
    "paper": "van den Oord et al. 2016, Conditional Image Generation with PixelCNN Decoders (arXiv:1606.05328)",
    "equation": "sections 2.1 to 2.3",
    "deviations": ["A small network: width 32, 5 layers, 8 levels of grey.", "Adam in place of RMSprop."],
    "group": "not adversarial",
    "set": {
        "method": "pixelcnn",
        "g_optimizer": {"name": "adam", "lr": 0.002, "beta1": 0.9, "beta2": 0.999},
        "batch_size": 32,
    },
}
