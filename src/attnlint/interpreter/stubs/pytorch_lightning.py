"""Lightning as far as shapes go: a module whose steps a trainer calls with the batches of a loader."""

import elsewhere
from torch import nn


class LightningModule(nn.Module):
    def __init__(self, *arguments, **options):
        super().__init__()

    def save_hyperparameters(self, *arguments, **options):
        pass

    def log(self, *arguments, **options):
        pass

    def log_dict(self, *arguments, **options):
        pass

    def __getattr__(self, name):
        return elsewhere.attribute()


class LightningDataModule:
    def __init__(self, *arguments, **options):
        pass


class Trainer:
    def __init__(self, *arguments, **options):
        pass

    def fit(self, model, train_dataloaders=None, val_dataloaders=None, datamodule=None, ckpt_path=None):
        if train_dataloaders is not None:
            for index, batch in enumerate(train_dataloaders):
                model.training_step(batch, index)


def seed_everything(seed=None, workers=False):
    return seed
