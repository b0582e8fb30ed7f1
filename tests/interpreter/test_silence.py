"""Working code of the kinds that once gave a false alarm: it runs on torch, and nothing is found in it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from attnlint.check import check_source
from attnlint.config import Settings

PROGRAMS = {
    "maps of pairs, one of them turned": """
        import torch
        from torch import nn

        class Contacts(nn.Module):
            def __init__(self, width: int, bins: int):
                super().__init__()
                self.there = nn.Linear(width, bins)
                self.back = nn.Linear(width, bins)

            def forward(self, pairs):
                batch, rows, columns, width = pairs.shape
                return self.there(pairs) + self.back(pairs).transpose(1, 2)

        class TurnedBefore(nn.Module):
            def __init__(self, width: int):
                super().__init__()
                self.mix = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU())
                self.norm = nn.BatchNorm2d(width)

            def forward(self, image):
                batch, channels, height, width = image.shape
                there = self.mix(image) + self.mix(torch.rot90(image, 1, (2, 3)))
                back = self.norm(self.mix(image.transpose(2, 3))) * 2
                return there + back

        class Turned(nn.Module):
            def __init__(self, width: int):
                super().__init__()
                self.mix = nn.Conv2d(width, width, 3, padding=1)

            def forward(self, image):
                batch, channels, height, width = image.shape
                return self.mix(image) + torch.rot90(self.mix(image), 1, (2, 3))

        if __name__ == "program":
            Contacts(3, 4)(torch.zeros(2, 5, 5, 3))
            Turned(3)(torch.zeros(2, 3, 5, 5))
            TurnedBefore(3)(torch.zeros(2, 3, 5, 5))
    """,
    "tensors that get another shape in place": """
        import torch

        def longer(held):
            batch, length = held.tokens.shape
            more = torch.cat([held.tokens, torch.zeros(batch, 1)], dim=1)
            held.tokens.resize_as_(more)
            held.tokens[:] = more
            return held

        def longer_first(several):
            batch, length = several[0].shape
            several[0].resize_(batch, length + 1)
            return several[0] + torch.zeros(batch, length + 1)

        class Held:
            def __init__(self):
                self.tokens = torch.zeros(2, 3)

            def grow(self):
                same = self.tokens
                self.tokens.resize_(2, 4)
                same[:] = torch.ones(2, 4)

        held = Held()
        held.grow()
        longer(held)
        longer_first([torch.zeros(2, 3)])
    """,
    "heads that are put in order by two views": """
        import torch
        from torch import nn

        class Attention(nn.Module):
            def __init__(self, dim: int, heads: int):
                super().__init__()
                self.qkv = nn.Linear(dim, 3 * dim)
                self.heads = heads

            def attend(self, q, k, v):
                B, _, H, width = q.shape  # the heads are the axis before
                x = (q @ k.transpose(-2, -1)).softmax(dim=-1) @ v
                return x.transpose(1, 2).reshape(B, -1, H * width)

            def forward(self, x):
                B, N, C = x.shape
                q, k, v = self.qkv(x).reshape(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
                return self.attend(q, k, v).view(B, N, C)

        class Decoder(nn.Module):
            def __init__(self, width: int, out: int, frames: int = 1):
                super().__init__()
                self.out = nn.Linear(width, out * frames)
                self.width = out

            def forward(self, hidden, states):
                return [self.out(state).view(hidden.size(0), self.width, -1) for state in states]

        def differences(true, target, times: int):
            batch = true.shape[0]
            return target.view(batch // times, times, 1, -1) - target.view(batch // times, 1, times, -1)

        Attention(12, 3)(torch.zeros(2, 5, 12))
        Decoder(4, 6)(torch.zeros(2, 5, 12), torch.zeros(3, 2, 4))
        differences(torch.zeros(4, 3), torch.zeros(4, 3), 2)
    """,
    "defaults that stand for what must be given": """
        import abc
        import einops
        import torch
        from torch import nn

        class Model(nn.Module):
            def __init__(self, width: int, vocabulary: int = -1):
                super().__init__()
                self.embed = nn.Embedding(vocabulary, width)
                self.bias = nn.Parameter(torch.zeros(vocabulary))

            def forward(self, tokens):
                return self.embed(tokens)

        class Resize(nn.Module):
            def __init__(self, *args, **kwargs):
                super().__init__()
                self.args, self.kwargs = args, kwargs

            def forward(self, x):
                return nn.functional.interpolate(x, *self.args, **self.kwargs)

        class Turn(nn.Module):
            def __init__(self, pattern: str, **lengths: int):
                super().__init__()
                self.lengths = lengths

            def forward(self, x):
                rows, width = x.shape
                return einops.rearrange(x, "(n h) d -> n d h", **self.lengths)

        class Boxes(abc.ABC):
            size: int = 0

            def __init__(self, data):
                if data.numel() == 0:
                    data = data.reshape((-1, self.size))
                self.data = data

            def empty(self):
                return type(self)(self.data.new_zeros(0, self.size))

            @abc.abstractmethod
            def area(self):
                raise NotImplementedError

        class Encoder(nn.Module, abc.ABC):
            def __init__(self):
                super().__init__()
                self.head = nn.Linear(self.width(), 2)

            @abc.abstractmethod
            def width(self):
                return 1

            def forward(self, x):
                return self.head(torch.cat([x, torch.zeros(len(x), 7)], dim=1)) + self.head(torch.zeros(3, 8))

        class Wide(Encoder):
            def width(self):
                return 8

        class Corners(Boxes):
            size = 4

            def area(self):
                return self.data.prod(-1)

        if __name__ == "program":
            Model(4, 8)(torch.tensor([1]))
            Resize(scale_factor=2)(torch.zeros(1, 1, 2, 2))
            Corners(torch.zeros(2, 4)).empty()
            Turn("turn", n=2)(torch.zeros(6, 4))
            Wide()(torch.zeros(3, 1))
    """,
    "scores of which nothing is known, masked once more": """
        import torch

        def attend(value: torch.Tensor, scores: torch.Tensor, mask: torch.Tensor):
            weights = torch.softmax(scores, dim=-1).masked_fill(mask, 0.0)
            batch, heads, queries, keys = scores.shape
            return torch.matmul(weights, value)

        mask = torch.ones(5, 5).tril() == 0
        attend(torch.randn(2, 3, 5, 4), torch.randn(2, 3, 5, 5).masked_fill(mask, -1e9), mask)
    """,
    "leading axes of size 1 of what is assigned": """
        import torch

        def rotation(angle, degree: int):
            matrix = angle.new_zeros((2 * degree + 1, 2 * degree + 1))
            indices = torch.arange(0, 2 * degree + 1, 1)
            frequencies = torch.arange(degree, -degree - 1, -1)[None]
            matrix[indices, torch.arange(2 * degree, -1, -1)] = torch.sin(frequencies * angle[None])
            matrix[indices, indices] = torch.cos(frequencies * angle[None])
            return matrix

        if __name__ == "program":
            rotation(torch.tensor(0.5), 2)
    """,
    "pixels shuffled by a scale": """
        import torch
        from torch import nn

        class Shuffle(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.factor = config["factor"]

            def shuffle(self, x):
                n, h, w, c = x.size()
                scale = 1.0 / self.factor
                nh, nw = int(h * scale), int(w * scale)
                return x.reshape(n, nh, self.factor, nw, self.factor, c).permute(0, 1, 3, 2, 4, 5)

            def forward(self, features):
                height = width = int(features.shape[1] ** 0.5)
                return self.shuffle(features.reshape(features.shape[0], width, height, -1))

        if __name__ == "program":
            Shuffle({"factor": 2})(torch.zeros(2, 16, 3))
    """,
    "a size that may be 0": """
        import torch

        class Options:
            heads, memory = 2, 0

        def joined(x, options):
            b, t, e, h, m, device = *x.shape, options.heads, options.memory, x.device
            memory = torch.empty(b, 0, e, device=device)
            x = torch.cat([x, memory.expand(b, m, -1)], dim=1)
            return x.view(b, t + m, h, e // h)

        joined(torch.zeros(2, 3, 4), Options())
    """,
    "sizes that are 1 where they differ": """
        import torch

        def colours(image):
            batch, channels, height, width = image.shape
            return image if channels == 3 else image.expand(batch, 3, height, width)

        def colours_of_two(image):
            batch, channels, height, width = image.shape
            if channels <= 2:
                image = image.expand(batch, 3, height, width)
            return image

        def difference(x, y):
            n, d = x.shape
            m, e = y.shape
            if n == m:
                return x * y
            return x - y

        def alike(x, y):
            if x.shape[0] < y.shape[0]:
                x = x.expand_as(y)
            elif y.shape[0] < x.shape[0]:
                y = y.expand(x.size(0), -1)
            return torch.cat([x, y], dim=1)

        colours(torch.zeros(2, 1, 4, 4))
        colours_of_two(torch.zeros(2, 1, 4, 4))
        difference(torch.zeros(1, 4), torch.zeros(3, 4))
        alike(torch.zeros(1, 4), torch.zeros(3, 4))
        alike(torch.zeros(3, 4), torch.zeros(1, 4))
    """,
    "square matrices on both sides": """
        import torch
        from torch import nn

        class Spectrum(nn.Module):
            def __init__(self, size: int):
                super().__init__()
                self.basis = nn.Parameter(torch.randn(size, size))

            def forward(self, image):
                batch, height, width = image.shape
                there = torch.matmul(torch.matmul(self.basis, image), self.basis.T)
                return self.basis.T @ there.relu() @ self.basis

        def whitened(points, mean):
            # Nothing says of what rank `points` is before the product.
            points = points - mean
            covariance = points.T @ points / points.shape[0]
            return points @ covariance

        if __name__ == "program":
            Spectrum(5)(torch.zeros(2, 5, 5))
            whitened(torch.randn(7, 3), torch.zeros(3))
    """,
    "axes of size 1 on both sides": """
        import torch
        from torch import nn

        class Positions(nn.Module):
            def __init__(self, rows: int, columns: int, width: int):
                super().__init__()
                self.row = nn.Embedding(rows, width)
                self.column = nn.Embedding(columns, width)

            def forward(self, grid, row_height: int, row_width: int):
                batch, height, width, channels = grid.shape
                row = self.row(torch.arange(row_height)).view(1, row_height, 1, channels)
                column = self.column(torch.arange(row_width)).view(1, 1, row_width, channels)
                return grid[:1] + (row + column)

        if __name__ == "program":
            Positions(5, 7, 4)(torch.zeros(2, 5, 7, 4), 5, 7)
    """,
    "an old constructor given a tensor of any dtype": """
        import torch

        def positions(index, rows: int):
            return torch.Tensor(index).view(-1, 1).expand(-1, rows).flatten().long()

        positions(torch.arange(3).long(), 2)
        assert torch.Tensor(torch.arange(3)).dtype == torch.int64
        torch.stack([torch.Tensor(torch.arange(3)), torch.arange(3)])
    """,
    "an axis that the author knows to be 1": """
        import torch

        def chunks(mask):
            batch, chunks, tokens, channels = mask.shape
            return mask.reshape(-1, tokens, 1)

        if __name__ == "program":
            chunks(torch.zeros(2, 3, 5, 1))
    """,
    "a cell whose two inputs every network makes equally wide": """
        import torch
        from torch import nn

        class Separable(nn.Module):
            def __init__(self, channels: int, out: int):
                super().__init__()
                self.depth = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
                self.point = nn.Conv2d(channels, out, 1)

            def forward(self, x):
                return self.point(self.depth(x))

        class Cell(nn.Module):
            def __init__(self, left_in: int, left_out: int, right_in: int, right_out: int):
                super().__init__()
                self.left = nn.Conv2d(left_in, left_out, 1)
                self.right = nn.Conv2d(right_in, right_out, 1)
                self.first = Separable(right_out, right_out)
                self.second = Separable(right_out, right_out)

            def forward(self, x, previous):
                return self.first(self.right(x)) + self.second(self.left(previous))

        if __name__ == "program":
            Cell(3, 8, 4, 8)(torch.zeros(1, 4, 6, 6), torch.zeros(1, 3, 6, 6))
    """,
    "square matrices and images whose two axes have names": """
        import torch
        from torch import einsum

        def normalized(adjacency):
            n, m = adjacency.shape
            degree = torch.diag(adjacency.sum(-1).rsqrt())
            return degree @ adjacency @ degree

        def walk(adjacency, steps: int):
            n, m = adjacency.shape
            reached = torch.eye(n)
            for _ in range(steps):
                reached = reached @ adjacency
            return reached

        def with_itself(adjacency):
            batch, _, n = adjacency.shape
            return torch.eye(n).expand(batch, n, n) @ adjacency

        def symmetric(matrix):
            n, m = matrix.shape
            total = torch.zeros(n, m)
            total += matrix.t()
            return total

        def causal(scores):
            batch, heads, queries, keys = scores.shape
            mask = torch.ones(keys, queries).tril()
            return scores.masked_fill(mask == 0, -1.0)

        def turned(image):
            batch, channels, height, width = image.shape
            total = torch.zeros_like(image)
            total += torch.rot90(image, 1, (2, 3))
            return total

        def two_steps(weights):
            batch, heads, queries, keys = weights.shape
            return einsum("bhij,bhjk->bhik", weights, weights.new_zeros(batch, heads, queries, keys))

        if __name__ == "program":
            normalized(torch.rand(5, 5))
            walk(torch.rand(5, 5), 2)
            with_itself(torch.rand(2, 5, 5))
            symmetric(torch.rand(5, 5))
            causal(torch.rand(2, 3, 5, 5))
            turned(torch.rand(2, 3, 5, 5))
            two_steps(torch.rand(2, 3, 5, 5))
    """,
    "one of several maps is replaced": """
        import torch
        from torch import nn
        import torch.nn.functional as F

        class Encoder(nn.Module):
            def __init__(self, width: int):
                super().__init__()
                self.layer = nn.Linear(width, width)

            def forward(self, x):
                N, C, H, W = x.shape
                tokens = self.layer(x.permute(2, 3, 0, 1).flatten(0, 1))
                return tokens.permute(1, 2, 0).view(N, C, H, W)

        class Fusion(nn.Module):
            def __init__(self, levels: int, width: int):
                super().__init__()
                self.blocks = nn.ModuleList()
                for _ in range(levels - 1):
                    self.blocks.append(nn.Conv2d(2 * width, width, 1))

            def forward(self, maps: list[torch.Tensor]):
                maps = list(maps)
                found = [maps.pop()]
                while maps:
                    raised = F.interpolate(found[-1], scale_factor=2.0, mode="nearest")
                    found.append(self.blocks[len(found) - 1](torch.cat([raised, maps.pop()], 1)))
                return found

        class Pyramid(nn.Module):
            def __init__(self, channels: list[int], width: int):
                super().__init__()
                self.projections = nn.ModuleList([nn.Conv2d(each, width, 1) for each in channels])
                self.encoder = nn.Sequential(Encoder(width))
                self.fusion = Fusion(len(channels), width)

            def forward(self, maps: list[torch.Tensor]):
                projected = [projection(each) for projection, each in zip(self.projections, maps)]
                projected[-1] = self.encoder(projected[-1])
                return self.fusion(projected)

        if __name__ == "program":  # attnlint runs the class on its own
            Pyramid([3, 5], 4)([torch.randn(1, 3, 8, 8), torch.randn(1, 5, 4, 4)])
    """,
    "layers that functions replace": """
        import torch
        from torch import nn

        class Net(nn.Module):
            def __init__(self, width=8):
                super().__init__()
                self.first = nn.Linear(4, width)
                self.head = nn.Linear(width, 10)

            def forward(self, x):
                return self.head(self.first(x))

        def replace_heads(module):
            for name, child in module.named_children():
                if isinstance(child, nn.Linear):
                    setattr(module, name, nn.Linear(child.in_features, 20 if name == "head" else child.out_features))
                else:
                    replace_heads(child)

        def replaced():
            net = Net()
            replace_heads(net)
            return net(torch.zeros(2, 4)) @ torch.zeros(20, 5)

        def by_table():
            net = Net()
            net._modules["head"] = nn.Linear(8, 3)
            return net(torch.zeros(2, 4)) @ torch.zeros(3, 5)

        def applied():
            def shrink(module):
                if isinstance(module, nn.Linear) and module.out_features == 10:
                    module.weight = nn.Parameter(module.weight[:3])
                    module.bias = None
                    module.out_features = 3

            net = Net()
            net.apply(shrink)
            return net(torch.zeros(2, 4)) @ torch.zeros(3, 5)

        if __name__ == "program":  # attnlint runs the functions on their own
            replaced()
            by_table()
            applied()
    """,
    "attributes of a class that its methods set": """
        import torch

        class Shared:
            rows = [torch.zeros(1)]
            mask = torch.zeros(1)

            @classmethod
            def prepare(cls, count):
                cls.rows = [torch.zeros(count, 4)]
                Shared.mask = torch.zeros(count, 4)

            @classmethod
            def joined(cls, x: torch.Tensor):
                return torch.cat([x.view(-1, 4), cls.rows[0], Shared.mask], 0)

        if __name__ == "program":  # attnlint runs the methods on their own
            Shared.prepare(3)
            Shared.joined(torch.zeros(4))
    """,
    "global variables that functions set": """
        import torch

        CACHE = torch.zeros(1)
        STATE = {"mask": torch.zeros(1)}

        def prepare(count):
            global CACHE
            CACHE = torch.ones(count, count)

        def cached(x: torch.Tensor):
            return torch.cat([x.view(-1, 4), CACHE], 0)

        def fill(count):
            STATE["mask"] = torch.ones(count, count)

        def masked(x: torch.Tensor):
            return torch.cat([x.view(-1, 4), STATE["mask"]], 0)

        if __name__ == "program":  # attnlint runs the functions on their own
            prepare(4)
            fill(4)
            cached(torch.zeros(8))
            masked(torch.zeros(4))
    """,
    "hooks that keep, turn and replace": """
        import torch
        from torch import nn

        class Kept(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(4, 8)
                self.features = {"body": torch.zeros(1)}
                self.body.register_forward_hook(self.keep)
                self.out = nn.Linear(8, 2)

            def keep(self, module, inputs, output):
                self.features["body"] = output

            def forward(self, x):
                self.body(x)
                return self.out(self.features["body"])

        class Turned(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Linear(4, 8)
                self.body.register_forward_pre_hook(lambda module, given: (given[0].transpose(1, 2),))
                self.body.register_forward_hook(lambda module, given, output: output.mean(1))
                self.out = nn.Linear(8, 2)

            def forward(self, x):
                return self.out(self.body(x)) @ torch.zeros(2, 3)

        Kept()(torch.zeros(2, 4))
        Turned()(torch.zeros(2, 4, 5))
    """,
    "data of another shape": """
        import torch
        from torch import nn

        class Wider(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Linear(4, 4)
                self.first.weight.data = torch.zeros(6, 4)
                self.first.bias = None

            def forward(self, x):
                return self.first(x).view(-1, 6)

        x = torch.zeros(5)
        x.data = torch.zeros(4, 3)
        Wider()(torch.zeros(2, 4)) + torch.zeros(6)
        x @ torch.zeros(3, 2)
    """,
    "a rate that depends on the mode, and a mask that may be one of several": """
        import torch
        from torch import nn
        import torch.nn.functional as F

        class Attention(nn.Module):
            def __init__(self, width, rate, table):
                super().__init__()
                self.queries = nn.Linear(width, width)
                self.rate = rate
                self.table = table

            def forward(self, x, bias=None, options=None):
                mask = None
                if self.table is not None:
                    mask = self.table(x, options)
                if bias is not None:
                    mask = bias if mask is None else mask + bias
                q = self.queries(x).unsqueeze(1)
                rate = self.rate if self.training else 0.0
                first = F.scaled_dot_product_attention(q, q, q, attn_mask=mask, dropout_p=rate)
                return first + F.scaled_dot_product_attention(
                    q, q, q, attn_mask=mask, dropout_p=self.rate if self.training else 0.0
                )

        class Layers(nn.Module):
            def __init__(self, config):
                super().__init__()
                layers = [Attention(config.width, config.rate, config.table) for _ in range(config.depth)]
                self.layers = nn.ModuleList(layers)

            def forward(self, x, bias=None):
                for layer in self.layers:
                    x = layer(x, bias).squeeze(1)
                return x

        class Config:
            width, rate, table, depth = 8, 0.1, None, 2

        Layers(Config())(torch.randn(2, 5, 8))
    """,
    "options of one of two kinds": """
        import torch
        import torch.nn.functional as F

        def enlarged(x, size=None):
            options = {"scale_factor": 2} if size is None else {"size": size}
            return F.interpolate(x, **options, mode="bilinear")

        def several(maps, weight):
            found = []
            for index, each in enumerate(maps):
                size = maps[index + 1].shape[2:] if index != len(maps) - 1 else None
                found.append(enlarged(F.conv2d(each, weight), size))
            return found

        several([torch.randn(1, 3, 4, 4), torch.randn(1, 3, 8, 8)], torch.randn(4, 3, 1, 1))
    """,
    "a default that stands for a number to be given": """
        import torch
        from torch import nn

        class Memory(nn.Module):
            def __init__(self, width: int):
                super().__init__()
                self.keys = nn.Linear(width, width)
                self.width = width

            def forward(self, memory, frames: int = -1):
                keys = self.keys(memory)
                return keys.view(memory.shape[0], frames, -1, self.width)

        Memory(4)(torch.randn(2, 6, 4), 3)
    """,
    "one position for all": """
        import torch
        from torch import nn

        class Projector(nn.Module):
            def __init__(self, width, longest):
                super().__init__()
                self.table = nn.Parameter(torch.randn(longest, width))

            def forward(self, maps):
                tokens = maps.flatten(2).transpose(1, 2)
                first = tokens[:, :1, :]
                positions = self.table[: first.size(1), :].unsqueeze(1)
                return tokens + positions

        Projector(4, 10)(torch.randn(2, 4, 3, 3))
    """,
    "an axis cut into as many parts as it has elements": """
        import torch

        def quaternion(rotation):
            entries = rotation.reshape(*rotation.shape[:-2], 9)
            a, b, c, d, e, f, g, h, i = torch.chunk(entries, chunks=9, dim=-1)
            trace = a + e + i
            return torch.where(trace > 0, torch.cat((trace, a, b, c), dim=-1), trace)

        quaternion(torch.randn(5, 3, 3))
    """,
    "layers that a container is given by __setattr__ and setattr": """
        import torch
        from torch import nn

        class Same(nn.Sequential):
            def __init__(self, width, name):
                super().__init__()
                self.pad = nn.ZeroPad2d((0, 1, 0, 1))
                self.__setattr__("convolution", nn.Conv2d(3, width, 2))
                setattr(self, name, nn.Conv2d(width, 2 * width, 1))

        class Stem(nn.Module):
            def __init__(self, width=4, name="last"):
                super().__init__()
                self.branch = Same(width, name)
                self.skip = nn.Conv2d(3, width, 1)

            def forward(self, x):
                return torch.cat([self.skip(x), self.branch(x)], 1)

        Stem(4)(torch.randn(2, 3, 8, 8))
    """,
    "a configuration whose defaults are placeholders": """
        import torch
        from torch import nn

        class Options:
            def __init__(self, width=-1, classes=-1):
                self.width, self.classes = width, classes

        class Layer(nn.Module):
            def __init__(self, options: Options):
                super().__init__()
                self.weight = nn.Parameter(torch.empty(options.width, options.classes))
                self.norm = nn.BatchNorm1d(options.width)

            def forward(self, x):
                return self.norm(x) @ self.weight

        Layer(Options(4, 3))(torch.randn(2, 4))
    """,
    "rows of a data set, joined": """
        import torch

        def collate(rows):
            joined = [row["prompt"] + row["answer"] for row in rows]
            joined += [row["prompt"] + row["other"] for row in rows]
            tensors = [torch.tensor(each) for each in joined]
            return [each.shape[0] for each in tensors]

        collate([{"prompt": [1, 2], "answer": [3], "other": [4, 5]}])
    """,
    "places that are found in another place's": """
        import torch

        def suppressed(boxes, scores, limit):
            order = scores.sort(descending=True)[1]
            left = boxes.unbind(-1)[0]
            kept = []
            while order.shape[0] > 0:
                first = order[0]
                kept.append(first)
                overlap = torch.max(left[first], left[order[1:]])
                places = torch.where(overlap <= limit)[0]
                order = order[places + 1]
            return torch.stack(kept)

        def kept(data, scores):
            scores = scores.view(-1)
            return suppressed(data["boxes"], scores, 0.5)

        kept({"boxes": torch.rand(5, 4)}, torch.rand(5))
    """,
    "a square matrix applied to a part of another": """
        import torch

        def turned(camera):
            part = camera[:, 0:3, 0:3]
            reverse = torch.tensor([[0.0, 0, 1], [0, 1, 0], [1, 0, 0]]).unsqueeze(0)
            part = torch.matmul(reverse, part).permute(0, 2, 1)
            first, second = torch.linalg.qr(part)
            return torch.matmul(reverse, torch.matmul(second.permute(0, 2, 1), reverse)), first

        turned(torch.randn(2, 3, 4))
    """,
    "a number of channels that comparisons leave over": """
        import torch

        def gray(image, channels=1):
            if image.shape[-3] == 1 and channels == 1:
                return image.clone()
            if image.shape[-3] == 1 and channels == 3:
                return image.expand(3, *image.shape[-2:])
            red, green, blue = image.unbind(dim=-3)
            return (red + green + blue).unsqueeze(-3)

        def colored(image: torch.Tensor):
            if image.shape[-3] >= 3:
                return image
            return gray(image, channels=3)

        colored(torch.rand(3, 4, 4))
        colored(torch.rand(1, 4, 4))
    """,
    "lists of unknown length, filled later": """
        import torch
        from torch import nn

        def replaced(count: int):
            found = [torch.rand(1)] * count
            for place in range(count):
                found[place] = torch.rand(2, 3)
            return torch.cat(found, 1)

        def fill(found, count):
            for place in range(count):
                found[place] = torch.rand(2, 3)

        def filled(count: int):
            found = [torch.rand(1) for _ in range(count)]
            fill(found, count)
            return torch.cat(found, 1)

        def handed_on(count: int, put):
            found = [torch.rand(1) for _ in range(count)]
            put(found, count)
            return torch.cat(found, 1)

        class Level(nn.Module):
            def __init__(self, place, inner, sides):
                super().__init__()
                self.place, self.inner, self.sides = place, inner, sides

            def forward(self, x):
                x = self.inner(x)
                self.sides[self.place] = x
                return x

        class Supervised(nn.Module):
            def __init__(self, count: int):
                super().__init__()
                self.sides = [torch.rand(1)] * count
                self.levels = Level(0, nn.Conv2d(3, 3, 1), self.sides)

            def forward(self, x):
                x = self.levels(x)
                return [torch.cat([x, side], 1) for side in self.sides]

        replaced(3)
        filled(3)
        handed_on(3, fill)
        Supervised(1)(torch.randn(1, 3, 8, 8))
    """,
    "what a call that is given up may have written": """
        import torch
        from torch import nn

        TABLE = {"bias": torch.zeros(1)}

        class Tree(nn.Module):
            def __init__(self, depth: int):
                super().__init__()
                self.found = [torch.rand(1)]
                found = self.found

                def build(level):
                    if level == depth:
                        found[0] = torch.rand(2, 3)
                        TABLE["bias"] = torch.zeros(3)
                        return [level]
                    return build(level + 1) + [level]

                self.levels = build(0)

            def forward(self, x):
                return self.found[0].transpose(0, 1) @ x + TABLE["bias"].unsqueeze(1).transpose(-1, -2).squeeze(0)

        Tree(3)(torch.randn(2, 3))
        Tree(40)(torch.randn(2, 3))
    """,
    "modules told apart by isinstance": """
        import torch
        from torch import nn

        class Block(nn.Module):
            def __init__(self, channels):
                super().__init__()
                self.convolution = nn.Conv2d(channels, channels, 1)
                self.norm = nn.BatchNorm2d(channels)
                self.dropout = nn.Dropout2d(0.1)
                for _, module in self.named_modules():
                    if isinstance(module, nn.Conv2d):
                        nn.init.kaiming_normal_(module.weight)
                    elif isinstance(module, nn.BatchNorm2d):
                        nn.init.ones_(module.weight)

            def forward(self, x):
                return self.dropout(self.norm(self.convolution(x)))

        Block(8)(torch.randn(2, 8, 4, 4))
    """,
    "a method that the class calls only where it is fit": """
        import torch
        from torch import nn

        class Adapted(nn.Module):
            def __init__(self, width, enabled=(False, False)):
                super().__init__()
                self.layer = nn.Linear(width, 2 * width)
                self.enabled = enabled
                self.width = width

            def places(self):
                found = []
                for index, enabled in enumerate(self.enabled):
                    if enabled:
                        found.extend(range(index * self.width, (index + 1) * self.width))
                return torch.tensor(found)

            def spread(self, x):
                wide = x.new_zeros(x.shape[0], self.layer.out_features)
                return wide.index_copy_(-1, self.places(), x)

            def forward(self, x):
                if not any(self.enabled):
                    return self.layer(x)
                return self.layer(x) + self.spread(x)

        Adapted(8)(torch.randn(3, 8))
        Adapted(8, (True, False))(torch.randn(3, 8))
    """,
    "a buffer that forward replaces before another method reads it": """
        import torch
        from torch import nn

        class Positions(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("offsets", torch.zeros(1, 1, 1, 3))
                self.layer = nn.Linear(3, 4)

            def forward(self, x):
                length = x.shape[1]
                if self.offsets.shape[1] != length:
                    self.offsets = torch.zeros(1, length, length, 3)
                return self.layer(self.offsets)

            def distances(self):
                return self.offsets.squeeze()[:, :, -1]

        positions = Positions()
        positions(torch.randn(2, 5))
        positions.distances()
    """,
    "an axis that is named to be taken away": """
        import torch
        from torch import nn

        class Frame(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.convolution = nn.Conv2d(width, width, 1)

            def forward(self, video):
                batch, channels, frames, height, width = video.shape
                return self.convolution(video.squeeze(2)).view(batch, channels, frames, height, width)

        Frame(3)(torch.randn(2, 3, 1, 4, 4))
    """,
    "a layer with another forward": """
        import torch
        from torch import nn

        class Upsample(nn.Upsample):
            def forward(self, x):
                return super().forward(x.float()).type_as(x)

        Upsample(scale_factor=2.0)(torch.randn(1, 2, 4, 4))
    """,
    "blocks of which the first one is wider": """
        import torch
        from torch import nn

        class Block(nn.Module):
            def __init__(self, width, out):
                super().__init__()
                self.convolution = nn.Conv3d(width, out, 3, padding=1)
                self.shortcut = None
                if width != out:
                    self.shortcut = nn.Conv3d(width, out, 1)

            def forward(self, x):
                residual = x
                if self.shortcut is not None:
                    residual = self.shortcut(residual)
                return self.convolution(x) + residual

        class Stage(nn.Module):
            def __init__(self, width=32, out=64, count=2):
                super().__init__()
                blocks = []
                for index in range(count):
                    width = width if index == 0 else out
                    blocks.append(Block(width, out))
                self.blocks = nn.ModuleList(blocks)

            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return x

        class Net(nn.Module):
            def __init__(self, count):
                super().__init__()
                self.stage = Stage(32, 64, count)

            def forward(self, x):
                return self.stage(x)

        Stage(4, 8)(torch.randn(1, 4, 4, 4, 4))
        Net(3)(torch.randn(1, 32, 2, 2, 2))
    """,
    "a branch for the other ranks": """
        import torch
        from torch import nn

        class Norm(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.norm = nn.LayerNorm(width)

            def forward(self, x):
                if x.dim() == 5:
                    return self.norm(x.permute(0, 2, 3, 4, 1)).permute(0, 4, 1, 2, 3)
                if x.dim() == 4:
                    return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
                return self.norm(x.permute(0, 2, 1)).permute(0, 2, 1)

        class Block(nn.Module):
            def __init__(self, width, times):
                super().__init__()
                self.convolution = nn.Conv3d(width, width, 3, padding=1)
                self.times = nn.Linear(times, width)
                self.norm = Norm(width)

            def forward(self, x, time=None):
                x = self.convolution(x)
                if time is not None:
                    x = x + self.times(time)[:, :, None, None, None]
                return self.norm(x)

        Block(6, 3)(torch.randn(2, 6, 4, 4, 4))
    """,
    "arrays reversed where tensors are flipped": """
        import numpy as np
        import torch

        def gaps(values):
            length = values.shape[-1]
            if isinstance(values, torch.Tensor):
                found = torch.arange(1, length + 1)
            elif isinstance(values, np.ndarray):
                found = np.arange(1, length + 1)[..., :]
            return found

        def backward_gaps(values):
            if isinstance(values, torch.Tensor):
                values = values.flip(-1)
            elif isinstance(values, np.ndarray):
                values = values[..., ::-1]
            found = gaps(values)
            if isinstance(values, torch.Tensor):
                found = found.flip(-1)
            elif isinstance(values, np.ndarray):
                found = found[..., ::-1]
            return found

        backward_gaps(np.zeros((2, 3)))
        backward_gaps(torch.zeros(2, 3))
    """,
    "what is asked to be a tensor may still be an array": """
        import numpy as np
        import torch

        def middle(values):
            if isinstance(values, torch.Tensor):
                return torch.nanquantile(values, 0.5)
            return np.nanquantile(values, 0.5)

        def share(values, limit):
            known = values[~np.isnan(values)]
            middle(values)
            return ((known < limit) | (known > 2 * limit)).mean()

        share(np.array([1.0, 2.0, 3.0]), 2.0)
    """,
    "one of two tensors loses an axis in place": """
        import torch

        def spread(points, shift):
            found = (points < 0).nonzero() if shift is None else torch.zeros(3, 1)
            found.squeeze_(1)
            return found.unsqueeze(1).expand(len(found), 4)

        spread(torch.tensor([-1.0, 2.0]), None)
        spread(torch.tensor([-1.0, 2.0]), 1)
    """,
    "indices written in place": """
        import torch
        from torch import nn

        table = nn.Embedding(4, 2)
        filled = torch.tensor([5, 1])
        filled.fill_(0)
        table(filled)
        assigned = torch.arange(100)
        assigned[assigned > 3] = 0
        table(assigned)
        clamped = torch.tensor([7, 1])
        clamped.view(2, 1).clamp_(max=3)
        table(clamped)
    """,
    "products of numpy that nothing is known of": """
        import numpy
        import torch

        class Model:
            def __init__(self, loaded):
                self.F = numpy.dot(loaded.left, loaded.right)

            def step(self, other):
                self.F = self.F.T.dot(self.F).dot(other)
                return self.F.shape[1]

        torch.zeros(2)
    """,
    "batches of a loader, the last one smaller": """
        import torch
        from torch import nn
        from torch.utils.data import DataLoader, TensorDataset

        model = nn.LSTM(3, 5, batch_first=True)
        loader = DataLoader(TensorDataset(torch.randn(50, 7, 3), torch.zeros(50)), batch_size=8, shuffle=True)
        for index, (x, y) in enumerate(loader):
            h = torch.zeros(1, len(x), 5)
            out, _ = model(x, (h, h))
            loss = (out.mean((1, 2)) - y).square().mean()
        assert out.shape[0] == 2
        torch.cat([out, torch.zeros(2, 7, 5)])
        x, y = next(iter(loader))
        (x.mean((1, 2)) + torch.zeros(8)).sum()
    """,
    "a matrix of blocks": """
        import torch

        def system(source, target):
            batch, points = source.shape[:2]
            assert len(source.shape) == 3 and len(target.shape) == 3
            kernel = (source.unsqueeze(2) - target.unsqueeze(1)).square().sum(-1)
            corner = torch.zeros(batch, 3, 3)
            affine = torch.cat((torch.ones(batch, points, 1), source), -1)
            below = torch.cat((affine, corner), 1).transpose(1, 2)
            return torch.cat((torch.cat((kernel, affine), -1), below), 1)

        if __name__ == "program":
            system(torch.zeros(2, 5, 2), torch.zeros(2, 5, 2))
    """,
    "a comment that counts what was added up": """
        import torch

        def determinant(scale, x):
            total = torch.sum(torch.log(scale)) * x.size(-1)  # c x h
            return total + torch.zeros(x.shape[0])

        determinant(torch.ones(1, 3, 1), torch.zeros(2, 3, 4))
    """,
    "channels that are even": """
        import math

        import torch
        from torch import nn

        class Ghost(nn.Module):
            def __init__(self, channels: int, out: int):
                super().__init__()
                half = math.ceil(out / 2)
                self.first = nn.Conv2d(channels, half, 1)
                self.cheap = nn.Conv2d(half, half, 3, padding=1)

            def forward(self, image):
                first = self.first(image)
                return torch.cat((first, self.cheap(first)), dim=1)

        class Bottleneck(nn.Module):
            def __init__(self, channels: int, middle: int, out: int):
                super().__init__()
                self.first = Ghost(channels, middle)
                self.second = Ghost(middle, out)

            def forward(self, image):
                return self.second(self.first(image))

        if __name__ == "program":
            Bottleneck(3, 4, 6)(torch.zeros(2, 3, 5, 5))
    """,
    "a residual of two widths, and positions by a convolution": """
        import torch
        from torch import nn

        class Positions(nn.Module):
            def __init__(self, channels: int):
                super().__init__()
                self.project = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)

            def forward(self, x, size):
                B, N, C = x.shape
                H, W = size
                image = x.transpose(1, 2).view(B, C, H, W)
                return (self.project(image) + image).flatten(2).transpose(1, 2)

        class Block(nn.Module):
            def __init__(self, width: int, out: int, smaller: bool = False):
                super().__init__()
                self.smaller = smaller
                self.pool = nn.MaxPool2d(3, 2, 1) if smaller else nn.Identity()
                self.project = nn.Conv2d(width, out, 1) if smaller else nn.Identity()
                self.positions = Positions(width)
                self.norm = nn.LayerNorm(width)
                self.mix = nn.Linear(width, out)

            def forward(self, image):
                shortcut = self.project(self.pool(image)) if self.smaller else image
                image = self.pool(image)
                B, C, H, W = image.shape
                tokens = self.norm(image.flatten(2).transpose(1, 2))
                tokens = self.mix(self.positions(tokens, (H, W)))
                return shortcut + tokens.transpose(1, 2).reshape(B, -1, H, W)

        if __name__ == "program":
            Block(4, 4)(torch.zeros(2, 4, 6, 5))
            Block(4, 8, smaller=True)(torch.zeros(2, 4, 6, 5))
    """,
    "a convolution that every caller replaces": """
        from functools import partial

        import torch
        from torch import nn

        class Convolution(nn.Module):
            def __init__(self, channels, out, size, stride=1, padding=None):
                super().__init__()
                self.conv = nn.Conv2d(channels, out, size, stride, size // 2 if padding is None else padding)

            def forward(self, image):
                return self.conv(image)

        class Reduction(nn.Module):
            def __init__(self, convolution=None, double: bool = False):
                super().__init__()
                self.double = double
                self.conv = (convolution or Convolution)(3, 3, size=3, stride=2)
                self.pool = nn.MaxPool2d(3, stride=2)

            def forward(self, image):
                if self.double:
                    image = image * 2
                return torch.cat((self.conv(image), self.pool(image)), dim=1)

        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.reduction = Reduction(partial(Convolution, padding=0))

            def forward(self, image):
                return self.reduction(image)

        if __name__ == "program":
            Network()(torch.zeros(2, 3, 9, 9))
    """,
    "skips that torch.jit asks for": """
        from typing import Optional

        import torch
        from torch import nn

        class Up(nn.Module):
            def __init__(self, channels: int, skipped: int):
                super().__init__()
                self.conv = nn.Conv2d(channels + skipped, channels, 3, padding=1)

            def forward(self, image, skip: Optional[torch.Tensor]):
                if skip is not None and torch.jit.isinstance(skip, torch.Tensor):
                    return self.conv(torch.cat((skip, image), dim=1))
                return self.conv(image)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Conv2d(1, 8, 1)
                self.up = Up(8, 8)

            def forward(self, image):
                image = self.first(image)
                return self.up(image, image)

        if __name__ == "program":
            Net()(torch.zeros(2, 1, 5, 5))
    """,
    "a product of any ranks, in a branch that is not for the ones at hand": """
        import torch
        from torch import Tensor
        from torch.fx.experimental.symbolic_shapes import guard_or_false, guard_or_true

        def should_fold(one, other, is_out):
            first, second = (one, other) if one.ndim >= other.ndim else (other, one)
            if not (first.ndim >= 3 and second.ndim <= 2):
                return False
            if second.requires_grad and not is_out:
                return True
            if one.ndim == 2:
                return False
            return True

        def fold(first: Tensor, second: Tensor, *, is_out=False):
            one, other = first.dim(), second.dim()
            if one == 2 and other == 2:
                return torch.mm(first, second)
            elif should_fold(first, second, is_out):
                turned = other > one
                big = second.mT if turned else first
                small = second if not turned else (first.t() if one == 2 else first)
                is_matrix = small.dim() == 2
                folded = big.reshape(-1, big.shape[-1])
                if is_matrix:
                    return folded.mm(small)
                else:
                    return folded.mv(small)
            elif one >= 1 and other >= 1:
                batch, more = first.shape[:-2], second.shape[:-2]
                if one == 3 and other == 3 and guard_or_true(batch[0] != more[0]):
                    if guard_or_false(batch[0] == 1) and first.requires_grad:
                        return fold(first.squeeze(0), second)
                    if guard_or_false(more[0] == 1) and second.requires_grad:
                        return fold(first, second.squeeze(0))
            return first @ second

        if __name__ == "program":
            fold(torch.zeros(1, 4, 5), torch.zeros(2, 5, 3))
            fold(torch.zeros(2, 4, 5), torch.zeros(5))
            fold(torch.zeros(5), torch.zeros(2, 5, 4))
    """,
    "numbers that what is read from a file takes the place of": """
        import torch
        from torch import nn

        class Config:
            def __init__(self, words=-1, width=8):
                self.words, self.width = words, width

            @classmethod
            def from_items(cls, values):
                config = cls()
                for key, value in values.items():
                    config.__dict__[key] = value
                return config

            @classmethod
            def from_table(cls, values):
                config = cls()
                config.__dict__.update(values)
                return config

            @classmethod
            def from_names(cls, values):
                config = cls()
                for key, value in values.items():
                    setattr(config, key, value)
                return config

        class Model(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.embed = nn.Embedding(config.words, config.width, padding_idx=0)

            def forward(self, x):
                return self.embed(x)

        values = eval("dict(words=10)")
        for make in (Config.from_items, Config.from_table, Config.from_names):
            Model(make(values))(torch.zeros(2, 3, dtype=torch.long))
        Model(Config.from_items(values))
        Model(Config.from_table(values))
        Model(Config.from_names(values))
    """,
    "the first columns of a matrix that has as many or more": """
        import torch

        def seen(intrinsics, poses, points):
            assert intrinsics.dim() == 3 and intrinsics.shape[1:] == (3, 3)
            assert poses.dim() == 3 and (poses.shape[1:] == (3, 4) or poses.shape[1:] == (4, 4))
            turned = poses[:, :3, :3].transpose(2, 1)
            moved = -turned @ poses[:, :3, 3:]
            rows = torch.rand(points, 3).T
            return intrinsics @ (turned @ rows + moved)

        if __name__ == "program":
            for rows in (3, 4):
                seen(torch.zeros(2, 3, 3), torch.zeros(2, rows, 4), 7)
    """,
    "a product of two tensors, less the same turned": """
        import torch

        def turned(x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
            return u @ x.transpose(-1, -2) - x @ u.transpose(-1, -2)

        if __name__ == "program":
            turned(torch.zeros(2, 3, 4), torch.zeros(2, 3, 4))
    """,
    "a layer for other ranks than those of the images at hand": """
        import torch
        from torch import nn

        class Both(nn.Module):
            def __init__(self, unet, width=64):
                super().__init__()
                self.image = unet
                self.state = nn.Linear(width, 1)

            def forward(self, x):
                if x.ndim == 4:
                    return self.image(x)
                return self.state(x)

        def sample(net, count):
            latents = torch.randn(2, 3, 32, 32)
            for step in range(count):
                latents = latents + net(latents) * 0.1
            return latents

        sample(Both(eval("nn.Identity()")), 4)
    """,
    "an operand that has the rank that was asked for, where it is made": """
        import torch
        from einops import rearrange

        def flow(reward, dones=None):
            batch = reward.shape[0]
            left = 1.0 - dones if dones is not None else torch.ones((batch, 1))
            left = rearrange(left, "b -> b 1") if left.ndim == 1 else left
            return reward * left

        if __name__ == "program":
            flow(torch.zeros(3, 1), torch.zeros(3))
            flow(torch.zeros(3, 1))
    """,
    "a tensor without elements that another method replaces first": """
        import torch
        from torch import nn

        class Response(nn.Module):
            def __init__(self, shape=(4,)):
                super().__init__()
                self.shape = shape
                self.register_buffer("kernel", torch.FloatTensor())
                self.register_buffer("spikes", torch.FloatTensor())

            def forward(self, x):
                return torch.einsum("i,kij->kj", self.kernel, self.spikes) + x

            def set_batch_size(self, batch):
                self.spikes = torch.zeros(batch, 6, *self.shape)
                self.kernel = torch.ones(6)

        if __name__ == "program":
            response = Response()
            response.set_batch_size(3)
            response(torch.zeros(3, 4))
    """,
    "features that layers have left one of": """
        import torch
        from torch import nn

        class Small(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = nn.Conv1d(1, 2, 3), nn.Conv1d(2, 4, 3)
                self.pool = nn.MaxPool1d(2)
                self.last = nn.Linear(4, 8)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                x = self.pool(self.first(x))
                x = self.pool(self.second(x))
                return self.last(x.view(-1, 4))

        if __name__ == "program":
            assert Small()(torch.zeros(3, 1, 10)).shape == (3, 8)
    """,
    "an input that is left out where there is none by default": """
        import torch
        from torch import nn

        class Critic(nn.Module):
            def __init__(self, state_shape, action_shape=(0,), hidden=8):
                super().__init__()
                self.nn = nn.Linear(state_shape[0], hidden)
                self.last = nn.Linear(hidden + action_shape[0], 1)

            def forward(self, obs: torch.Tensor, act: torch.Tensor | None = None) -> torch.Tensor:
                obs = self.nn(obs)
                if act is not None:
                    obs = torch.cat([obs, act], dim=1)
                return self.last(obs)

        if __name__ == "program":
            Critic((4,))(torch.zeros(2, 4))
            Critic((4,), (3,))(torch.zeros(2, 4), torch.zeros(2, 3))
    """,
    "channels that a label gives to an image": """
        import torch
        from torch import nn

        class Labelled(nn.Module):
            def __init__(self, channels=4, classes=3, height=9, width=9):
                super().__init__()
                self.label = nn.Embedding(classes, channels * height * width)
                self.mix = nn.Conv2d(2 * channels, channels, 3, padding=1)

            def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
                return self.mix(torch.cat([x, self.label(y).reshape(x.shape)], dim=1))

        labelled = Labelled()
        labelled(torch.randn(2, 4, 9, 9), torch.randint(0, 3, (2,)))
    """,
    "an image that is repeated row by row": """
        import torch

        def larger(x: torch.Tensor, k: int = 2) -> torch.Tensor:
            height, width = x.shape[1:3]
            return x.unsqueeze(-1).repeat(1, 1, k, k).view(-1, height * k, width * k)

        def halves(image: torch.Tensor) -> torch.Tensor:
            batch, height, width = image.shape
            small = image.view(batch, height // 2, 2, width // 2, 2).permute(0, 1, 3, 2, 4).reshape(
                batch, height // 2, width // 2, 4).mean(-1)
            return larger(small)

        if __name__ == "program":
            x = torch.arange(6.0).view(1, 2, 3)
            assert (larger(x) == x.repeat_interleave(2, 1).repeat_interleave(2, 2)).all()
            halves(torch.zeros(2, 4, 6))
    """,
    "scores of relative positions with queries and keys first": """
        import torch

        def shifted(x, keys):
            size = x.shape
            x = x.reshape(size[1], size[0], size[2], size[3])
            x = x[1:, ...]
            x = x.reshape(size[0], size[1] - 1, size[2], size[3])
            return torch.index_select(x, 1, torch.arange(keys))

        def scores(query: torch.Tensor, places: torch.Tensor):
            i, b, n, d = query.shape
            j, _, _, _ = places.shape
            return shifted(torch.einsum("ibnd,jbnd->ijbn", query, places), i)

        if __name__ == "program":
            scores(torch.zeros(3, 2, 4, 5), torch.zeros(6, 2, 4, 5))
    """,
    "the old name of the mean": """
        import torch
        import torch.nn.functional as F

        def loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
            return F.cross_entropy(scores, labels, reduction="elementwise_mean")

        if __name__ == "program":
            import warnings
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                loss(torch.zeros(2, 3), torch.zeros(2, dtype=torch.long))
    """,
    "diagonals of scores between as many nodes as there are": """
        import torch
        from torch import nn

        class Nodes(nn.Module):
            def __init__(self, width, nodes):
                super().__init__()
                self.score = nn.Linear(width, nodes)

            def forward(self, x):
                scores = self.score(x)
                own = torch.einsum("bnn->bn", scores)
                mixed = torch.einsum("bnn,bnd->bd", scores, x)
                spread = torch.einsum("bnn,d->bnd", scores, x.mean((0, 1)))
                return own.sum() + mixed.sum() + spread.sum() + torch.einsum("bii->b", scores).sum()

        Nodes(8, 5)(torch.randn(2, 5, 8))
    """,
    "attributes of a configuration that are called as methods of tensors are (preview)": """
        import torch
        from torch import nn

        class Arguments:
            def __init__(self, dim=16, n_heads=4, n_kv_heads=2, expand=2):
                self.dim, self.n_heads, self.n_kv_heads, self.expand = dim, n_heads, n_kv_heads, expand

        class Attention(nn.Module):
            def __init__(self, args):
                super().__init__()
                self.n_heads, self.n_kv_heads = args.n_heads, args.n_kv_heads
                self.head_dim = args.dim // args.n_heads
                self.wq = nn.Linear(args.dim, args.n_heads * self.head_dim, bias=False)
                self.wk = nn.Linear(args.dim, args.n_kv_heads * self.head_dim, bias=False)
                self.wo = nn.Linear(args.n_heads * self.head_dim, args.dim, bias=False)
                self.up = nn.Linear(args.dim, args.expand * args.dim)
                self.down = nn.Linear(args.expand * args.dim, args.dim)

            def forward(self, x):
                b, t, _ = x.shape
                q = self.wq(x).view(b, t, self.n_heads, self.head_dim).transpose(1, 2)
                k = self.wk(x).view(b, t, self.n_kv_heads, self.head_dim).transpose(1, 2)
                k = k.repeat_interleave(self.n_heads // self.n_kv_heads, dim=1)
                weights = torch.softmax(q @ k.transpose(-2, -1) / self.head_dim**0.5, dim=-1)
                out = (weights @ k).transpose(1, 2).contiguous().view(b, t, -1)
                return self.down(self.up(self.wo(out)))

        def rows(weight):
            return weight.view(weight.size(0), -1) if weight.dim() > 2 else weight

        Attention(Arguments())(torch.randn(2, 5, 16))
        rows(torch.zeros(2, 3, 4))
    """,
    "widths of queries and keys that every caller gives alike": """
        import torch
        import torch.nn.functional as F
        from torch import nn

        class Head(nn.Module):
            def __init__(self, width, query_width, key_width):
                super().__init__()
                self.q, self.k = nn.Linear(width, query_width), nn.Linear(width, key_width)
                self.v = nn.Linear(width, key_width)

            def forward(self, query, key, value):
                q, k, v = self.q(query), self.k(key), self.v(value)
                scores = q.bmm(k.transpose(1, 2))
                return F.softmax(scores / q.size(-1) ** 0.5, dim=-1).bmm(v)

        class Positions(nn.Module):
            def __init__(self, width, longest):
                super().__init__()
                self.table = nn.Parameter(torch.zeros(1, longest, width))

            def forward(self, x):
                return x + self.table[:, : x.size(1)]

        x = torch.randn(2, 5, 8)
        Positions(4, 9)(Head(8, 4, 4)(x, x, x))
    """,
    "what is only indexed may be a list": """
        import torch
        from torch import nn

        class Levels(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = nn.Conv2d(64, 128, 1), nn.Conv2d(32, 128, 1)

            def forward(self, hidden):
                return self.first(hidden[0]).mean((2, 3)) + self.second(hidden[1]).mean((2, 3))

        Levels()([torch.zeros(2, 64, 8, 8), torch.zeros(2, 32, 4, 4)])
    """,
    "a half and what is left": """
        import torch
        from torch import nn

        class Ghost(nn.Module):
            def __init__(self, channels: int, ratio: int = 2):
                super().__init__()
                inner = -(-channels // ratio)
                self.first, self.second = nn.Conv2d(8, inner, 1), nn.Conv2d(8, channels - inner, 1)

            def forward(self, image):
                return self.first(image) + self.second(image)

        Ghost(16)(torch.zeros(2, 8, 4, 4))
    """,
    "a layer that callers name": """
        import torch
        from torch import nn

        NORMS = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d}

        class Stage(nn.Module):
            def __init__(self, width, norm=nn.LayerNorm):
                super().__init__()
                self.norm = norm(width)
                self.mix = nn.Conv2d(width, width, 3, padding=1)

            def forward(self, image):
                return image + self.mix(self.norm(image))

        class Model(nn.Module):
            def __init__(self, width, norm):
                super().__init__()
                self.stage = Stage(width, norm=NORMS[norm])

            def forward(self, image):
                return self.stage(image)

        Model(16, "batch")(torch.zeros(2, 16, 4, 4))
    """,
    "scores times a mask, less what the mask leaves out": """
        import torch
        from torch import nn

        class Causal(nn.Module):
            def __init__(self, longest=8):
                super().__init__()
                self.register_buffer("mask", torch.tril(torch.ones(longest, longest)).view(1, 1, longest, longest))

            def forward(self, q, k, v):
                scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
                mask = self.mask[:, :, : scores.size(-2), : scores.size(-1)]
                scores = scores * mask + -1e4 * (1 - mask)
                return scores.softmax(-1) @ v

        x = torch.zeros(2, 3, 5, 4)
        Causal()(x, x, x)
    """,
    "floats where torch takes them, and numbers that callers may give": """
        import math
        import torch
        from torch import nn
        import torch.nn.functional as F

        class Scaled(nn.Module):
            def __init__(self, dim, ratio=4.0, heads=2):
                super().__init__()
                self.inner = nn.Linear(dim, int(dim * ratio))
                self.outer = nn.Linear(int(dim * ratio), dim)
                self.scale = dim / heads
                self.norm = nn.LayerNorm(dim)

            def forward(self, x):
                return self.norm(self.outer(F.gelu(self.inner(x))) / self.scale)

        class Given(nn.Module):
            def __init__(self, dim, inner=None, mult=4):
                super().__init__()
                self.project = nn.Linear(dim, dim * mult if inner is None else inner)

            def forward(self, x):
                return self.project(x)

        def larger(x, y):
            return torch.max(x, y / 2)

        def rounded(x, size):
            side = math.ceil(math.sqrt(x.shape[1]))
            steps = torch.arange(0, size / 2)
            return x[:, : round(size / 2)], side, steps, torch.full((2, 3), size / 2)

        def resized(x, scale=0.5):
            return F.interpolate(x, scale_factor=scale * 1.0)

        Scaled(8)(torch.zeros(2, 3, 8))
        Given(4, 4 * 2)(torch.zeros(2, 4))
        larger(torch.zeros(2), torch.ones(2))
        rounded(torch.zeros(2, 9), 4)
        resized(torch.zeros(1, 1, 8, 8))
        nn.MultiheadAttention(8, 8 / 4)
    """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_working_code_is_not_blamed(name: str) -> None:
    text = dedent(PROGRAMS[name])
    exec(compile(text, name, "exec"), {"__name__": "program"})
    report = check_source(text, "program.py", Settings(preview="preview" in name))
    assert report.error is None
    assert [finding.message for finding in report.findings] == []
