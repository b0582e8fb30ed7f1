"""What the programs of users are full of, found by writing the mistakes of their threads again."""

from __future__ import annotations

from tests.interpreter.programs import check

DICTS_WITH_ATTRIBUTES = """
class Config(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

class Strict(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error

    __setattr__ = dict.__setitem__

c = Config(heads=4)
c.width = 8
c.inner = Strict({"depth": 3})
c.inner.size = 5
a = torch.zeros(c.heads, c["width"])  # shape: (4, 8)
b = torch.zeros(c.inner.depth, c["inner"]["size"], c.inner.size)  # shape: (3, 5, 5)
del c.heads
d = torch.zeros(2 if c.heads is None else 3)  # shape: (2,)
nn.Linear(c.width, 2)(torch.zeros(3, c.inner.size))  # error: ATN104
"""

ROWS_OF_MANY_LENGTHS = """
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

class Events(Dataset):
    def __init__(self, count):
        self.rows = []
        for _ in range(count):
            length = int(torch.randint(5, 30, (1,)))
            self.rows.append((torch.randint(1, 9, (length,)), torch.zeros(length, 4), 1))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]

def collate(batch):
    events, extras, labels = zip(*batch)
    events = pad_sequence(events, batch_first=True)
    return events, events == 0, torch.tensor(labels)

def run(count):
    embed, layer = nn.Embedding(9, 8), nn.MultiheadAttention(8, 2, batch_first=True)
    for events, mask, labels in DataLoader(Events(count), batch_size=10, collate_fn=collate):
        x = embed(events)
        layer(x, x, x, key_padding_mask=mask)
        longer = torch.cat([torch.zeros(x.size(0), 1, 8), x], dim=1)
        layer(longer, longer, longer, key_padding_mask=mask)  # error: ATN111

run(40)
"""


def test_a_dict_whose_items_are_its_attributes() -> None:
    check(DICTS_WITH_ATTRIBUTES)


def test_rows_of_a_dataset_have_lengths_of_their_own() -> None:
    check(ROWS_OF_MANY_LENGTHS)
    check(ROWS_OF_MANY_LENGTHS.replace("run(40)", "run(4000)"))


def test_two_rows_are_not_of_one_length() -> None:
    """Each element that is taken from a list that a loop filled has sizes of its own."""
    check("""
rows = []
for _ in range(3000):
    length = int(torch.randint(5, 30, (1,)))
    rows.append((torch.zeros(length), 1))
first, second = rows[int(torch.randint(0, 9, (1,)))], rows[int(torch.randint(0, 9, (1,)))]
if first[0].shape[0] != second[0].shape[0]:
    torch.zeros(3) + torch.zeros(4)  # error: ATN106
""")

PREDICTIONS = """
from torch.utils.data import DataLoader, TensorDataset

model = nn.Linear(9, 2)
loader = DataLoader(TensorDataset(torch.randn(50, 9), torch.zeros(50)), batch_size=16)
outputs = []
for x, y in loader:
    outputs.append(model(x))
joined = torch.cat(outputs)  # shape: (50, 2)
torch.stack(outputs)  # error: ATN108
"""


def test_the_last_batch_is_one_of_the_outputs() -> None:
    check(PREDICTIONS)
    check(PREDICTIONS.replace("50", "48").replace("  # error: ATN108", ""))
    check(PREDICTIONS.replace("16)", "16, drop_last=True)").replace("(50, 2)", "(48, 2)").partition("torch.stack")[0])


REPLAY = """
import random
import numpy as np

class Memory:
    def __init__(self):
        self.buffer = []

    def push(self, state, action, done):
        self.buffer.append((state, action, done))

    def sample(self, count):
        return map(np.stack, zip(*random.sample(self.buffer, count)))

memory = Memory()
for step in range(500):
    memory.push(np.random.randn(3), random.uniform(-1, 1), step % 20 == 0)
state, action, done = memory.sample(32)
state, action = torch.FloatTensor(state), torch.FloatTensor(action)
torch.cat([state, action.unsqueeze(1)], 1)
torch.cat([state, action], 1)  # error: ATN108
"""


def test_columns_of_a_replay_buffer() -> None:
    check(REPLAY)
