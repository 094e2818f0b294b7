"""A class in the style of Keras-GAN. It is no nn.Module; it builds and prints both networks."""

import numpy as np
import torch
from torch import nn


class GAN:
    def __init__(self, img_rows=28, img_cols=28, channels=1):
        self.img_shape = (channels, img_rows, img_cols)
        self.latent_dim = 100
        self.discriminator = self.build_discriminator()
        self.optimizer_D = torch.optim.Adam(self.discriminator.parameters(), lr=0.0002, betas=(0.5, 0.999))
        self.generator = self.build_generator()
        self.optimizer_G = torch.optim.Adam(self.generator.parameters(), lr=0.0002, betas=(0.5, 0.999))

    def build_generator(self):
        model = nn.Sequential(
            nn.Linear(self.latent_dim, 32),
            nn.LeakyReLU(0.2),
            nn.BatchNorm1d(32, momentum=0.8),
            nn.Linear(32, int(np.prod(self.img_shape))),
            nn.Tanh(),
            nn.Unflatten(1, self.img_shape),
        )
        print(model)
        return model

    def build_discriminator(self):
        model = nn.Sequential(
            nn.Flatten(),
            nn.Linear(int(np.prod(self.img_shape)), 32),
            nn.LeakyReLU(0.2),
            nn.Linear(32, 1),
            nn.Sigmoid(),
        )
        print(model)
        return model


if __name__ == "__main__":
    GAN()
