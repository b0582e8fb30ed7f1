"""Lightning under its other name."""

from pytorch_lightning import LightningDataModule, LightningModule, Trainer, seed_everything
