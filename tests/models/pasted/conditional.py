"""Networks like those of conditional GANs with embeddings: each takes an image (or z) and the class."""

import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self, n_classes=10, latent_dim=100, img_shape=(1, 32, 32)):
        super().__init__()
        self.img_shape = img_shape
        self.label_emb = nn.Embedding(n_classes, n_classes)
        self.model = nn.Sequential(
            nn.Linear(latent_dim + n_classes, 64),
            nn.LeakyReLU(0.2),
            nn.Linear(64, img_shape[0] * img_shape[1] * img_shape[2]),
            nn.Tanh(),
        )

    def forward(self, noise, labels):
        gen_input = torch.cat((self.label_emb(labels), noise), -1)
        return self.model(gen_input).view(noise.size(0), *self.img_shape)


class Discriminator(nn.Module):
    def __init__(self, n_classes=10, img_shape=(1, 32, 32)):
        super().__init__()
        self.label_embedding = nn.Embedding(n_classes, n_classes)
        pixels = img_shape[0] * img_shape[1] * img_shape[2]
        self.model = nn.Sequential(
            nn.Linear(n_classes + pixels, 64), nn.LeakyReLU(0.2), nn.Dropout(0.0), nn.Linear(64, 1)
        )

    def forward(self, img, labels):
        d_in = torch.cat((img.view(img.size(0), -1), self.label_embedding(labels)), -1)
        return self.model(d_in)
