"""What the programs of users are full of, found by writing the mistakes of their threads again."""

from __future__ import annotations

from attnlint.check import check_source
from attnlint.config import Settings
from tests.harness.expectations import read_expectations
from tests.interpreter.programs import HEADER, check

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


LAST_LAYERS = """
class Classifier(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embed = nn.Embedding(config.vocab, config.width)
        self.places = nn.Embedding(config.places, config.width)
        self.layers = nn.ModuleList(
            [nn.TransformerEncoderLayer(config.width, config.heads, batch_first=True) for _ in range(config.depth)]
        )
        self.dense = nn.Linear(config.width, 2)

    def forward(self, tokens):
        x = self.embed(tokens) + self.places(torch.arange(tokens.shape[1]))
        states = (x,)
        for layer in self.layers:
            x = layer(x)
            states = states + (x,)
        last = torch.cat([states[i] for i in (-1, -2, -3, -4)], dim=-1)
        return self.dense(last[:, 0, :])  # error: ATN104
"""


def test_states_of_every_layer_in_a_tuple() -> None:
    check(LAST_LAYERS)
    check(
        LAST_LAYERS.replace("nn.Linear(config.width, 2)", "nn.Linear(4 * config.width, 2)").replace(
            "  # error: ATN104", ""
        )
    )


TWO_TOWERS = """
class Towers(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 16, 16)
        self.places = nn.Parameter(torch.zeros(1, 64, dim))
        self.embed = nn.Embedding(100, dim)
        self.order = nn.Embedding(50, dim)
        self.gru = nn.GRU(dim, dim, batch_first=True)

    def forward(self, images, tokens):
        seen = self.patch(images).flatten(2).transpose(1, 2) + self.places
        x = self.embed(tokens) + self.order(torch.arange(tokens.shape[1]))
        _, state = self.gru(x)
        torch.cat([seen.mean(1), state[-1]], dim=-1)
        return torch.cat([seen, state[-1]], dim=-1)  # error: ATN108
"""


def test_as_many_axes_as_a_tensor_has_at_least() -> None:
    """Tokens with a second axis are a batch of sentences: a recurrent layer is not given a lone one."""
    check(TWO_TOWERS)


FEATURES = """
class Speech(nn.Module):
    def __init__(self, sizes=((64, 10, 5), (96, 3, 2))):
        super().__init__()
        self.convolutions = nn.ModuleList()
        given = 1
        for made, kernel, stride in sizes:
            self.convolutions.append(nn.Conv1d(given, made, kernel, stride=stride))
            given = made
        self.norm = nn.LayerNorm(given)

    def forward(self, sound):
        x = sound.unsqueeze(1)
        for convolution in self.convolutions:
            x = convolution(x)
        return self.norm(x)  # error: ATN201
"""


def test_the_number_of_axes_that_comes_farthest_is_told() -> None:
    """A lone row of samples is refused by the first convolution; the batch that is meant fails later. No length of the
    witness is so short that nothing is left of it."""
    text = HEADER + FEATURES
    (finding,) = check_source(text, "a.py", Settings()).findings
    assert [(finding.range.line, finding.code)] == read_expectations(text).errors
    assert finding.evidence is not None and finding.evidence.witness is not None
    assert {str(name): number for name, number in finding.evidence.witness.items()}["sound.shape[1]"] >= 14
    assert not check_source(text.replace("self.norm(x)", "self.norm(x.transpose(1, 2))"), "a.py", Settings()).findings


MASK_OF_THE_BATCH = """
class Layer(nn.Module):
    def __init__(self, vocabulary, dim):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.attention = nn.MultiheadAttention(dim, 4, batch_first=True)

    def forward(self, tokens):
        x = self.embed(tokens)
        mask = nn.Transformer.generate_square_subsequent_mask(x.size(0))
        return self.attention(x, x, x, attn_mask=mask)[0]  # error: ATN201
"""


def test_a_mask_for_the_batch_in_place_of_the_steps() -> None:
    check(MASK_OF_THE_BATCH)
    check(MASK_OF_THE_BATCH.replace("x.size(0)", "x.size(1)").replace("  # error: ATN201", ""))
    # Which axis is which is up to whoever makes it.
    open_layout = MASK_OF_THE_BATCH.replace("dim):", "dim, batch_first=True):").replace("=True)\n", "=batch_first)\n")
    check(open_layout.replace("  # error: ATN201", ""))


MASK_OF_A_WHOLE_TRANSFORMER = """
class Translator(nn.Module):
    def __init__(self, vocabulary, dim):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.transformer = nn.Transformer(dim, 4, 2, 2, batch_first=True)

    def forward(self, source, target):
        mask = self.transformer.generate_square_subsequent_mask(target.size(0))
        pad = source == 0
        source, target = self.embed(source), self.embed(target)
        return self.transformer(source, target, tgt_mask=mask, src_key_padding_mask=pad)  # error: ATN201
"""


def test_a_mask_that_a_part_of_a_layer_takes() -> None:
    check(MASK_OF_A_WHOLE_TRANSFORMER)
    check(MASK_OF_A_WHOLE_TRANSFORMER.replace("vocabulary, dim):", "vocabulary=100, dim=64):"))
    check(MASK_OF_A_WHOLE_TRANSFORMER.replace("target.size(0)", "target.size(1)").replace("  # error: ATN201", ""))


def test_a_table_cut_to_the_length_of_what_it_is_added_to() -> None:
    check("""
class Places(nn.Module):
    def __init__(self, longest=200):
        super().__init__()
        self.register_buffer("table", torch.zeros(longest, 1, 64))

    def forward(self, x):
        return x + self.table[: x.size(0)]

class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(100, 64)
        self.places = Places()

    def forward(self, tokens):
        x = self.places(self.embed(tokens).permute(1, 0, 2))  # shape: (tokens.shape[1], tokens.shape[0], 64)
        return x
""")
