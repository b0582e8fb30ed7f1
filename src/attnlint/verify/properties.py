"""What an attention does when it is right, as functions that look at it while it runs.

Each takes ``run``, which maps named inputs to named results, the inputs, and the names of the tensors that it is about.
It returns "" where the property holds, and else one sentence with what it saw. Reproductions print these functions as
they stand here, and ``attnlint probe`` runs them as they stand here: the standard library and torch only, Python 3.7
syntax, and every function must make sense to a reader who sees nothing else.
"""

import torch


def copies(inputs):
    """The inputs as new tensors: what runs may change them."""
    return {name: tensor.clone() for name, tensor in inputs.items()}


def standard_normal(inputs, *names):
    """The inputs, those of the names filled anew."""
    changed = copies(inputs)
    for name in names:
        changed[name].normal_()
    return changed


def differing(before, after, axis):
    """The indices along an axis at which two results differ."""
    same = torch.isclose(before.float(), after.float(), rtol=1e-4, atol=1e-5, equal_nan=True)
    same = same.reshape(1) if same.dim() == 0 else same.movedim(axis, 0).reshape(same.shape[axis], -1).all(dim=1)
    return [index for index, equal in enumerate(same.tolist()) if not equal]


def changed_at(inputs, name, axis, index):
    """The inputs, one of them different at one index of an axis."""
    changed = copies(inputs)
    part = changed[name].select(axis, index)
    if part.dtype == torch.bool:
        part.logical_not_()
    elif part.is_floating_point():
        part.add_(torch.randn_like(part) + 3)
    else:
        part.add_(1)
    return changed


def listed(numbers):
    """Numbers as a reader writes them: 1, 2 and 5."""
    texts = [str(number) for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def with_some_masked(inputs, mask, axis=-1, excluded=True):
    """The inputs, the mask filled at random: what is excluded is there, and for every query a key that is not."""
    changed = copies(inputs)
    drawn = torch.rand(changed[mask].shape) < 0.5
    if drawn.dim() >= -axis and drawn.shape[axis] > 1:
        drawn.select(axis, 0).fill_(True)
        drawn.select(axis, -1).fill_(False)
    changed[mask].copy_(drawn ^ bool(excluded))
    return changed


def rows_sum_to_one(run, inputs, weights, axis=-1, mask=None):
    """The weights of a query over the keys sum to one, whatever is masked. ``axis`` is that of the keys."""
    chosen = copies(inputs) if mask is None else with_some_masked(inputs, mask, axis)
    total = run(chosen)[weights].float().sum(axis)
    worst = (total - 1).abs().flatten().argmax()
    if (total.flatten()[worst] - 1).abs() <= 0.01:
        return ""
    return f"the weights of one query sum to {total.flatten()[worst].item():.3g} over the keys, not to 1"


def made_of_its_own(run, inputs, source, source_axis, result, result_axis, word="token", heads_axis=None):
    """Index i of an axis of the result is made of index i of an axis of the source, and of no other.

    With ``heads_axis``, every head of the result is looked at by itself.
    """
    count = inputs[source].shape[source_axis]
    before = run(copies(inputs))[result]
    if before.shape[result_axis] != count:
        return f"{count} {word}s go in, {before.shape[result_axis]} come out"
    heads = [-1] if heads_axis is None else list(range(before.shape[heads_axis]))
    made_of: dict[tuple[int, int], list[int]] = {}
    for index in range(count):
        after = run(changed_at(inputs, source, source_axis, index))[result]
        for head in heads:
            one, other = before, after
            axis = result_axis % before.dim()
            if head >= 0:
                one, other = one.select(heads_axis, head), other.select(heads_axis, head)
                axis -= axis > heads_axis % before.dim()
            for reached in differing(one, other, axis):
                made_of.setdefault((head, reached), []).append(index)
    for (head, reached), sources in sorted(made_of.items()):
        others = [index for index in sources if index != reached]
        if others and head >= 0:
            return f"head {head} of {word} {reached} is made of {word}s {listed(sources)}"
        if others:
            return f"{word} {reached} changes when {word} {others[0]} does"
    return ""


def samples_are_alike(run, inputs, source, axis, result):
    """Two samples with the same contents come out the same, wherever they stand in the batch."""
    changed = copies(inputs)
    changed[source].select(axis, 1).copy_(changed[source].select(axis, 0))
    made = run(changed)[result]
    if differing(made.select(axis, 0), made.select(axis, 1), 0):
        return "two equal samples of a batch come out different"
    return ""


def sees_others(run, inputs, source, source_axis, result, result_axis, word="token"):
    """Some index of an axis of the result is made of another index of an axis of the source: the axis is attended."""
    before = run(copies(inputs))[result]
    for index in range(inputs[source].shape[source_axis]):
        after = run(changed_at(inputs, source, source_axis, index))[result]
        if any(reached != index for reached in differing(before, after, result_axis)):
            return ""
    return f"no {word} sees another one"


def ignores_order_of_keys(run, inputs, keys, result):
    """Keys and values in another order, moved together, give the same result. ``keys``: pairs of name and axis."""
    before = run(copies(inputs))[result]
    changed = copies(inputs)
    for name, axis in keys:
        changed[name] = changed[name].flip(axis)
    if differing(before, run(changed)[result], 0):
        return "the same keys and values in another order give another result"
    return ""


def masked_keys_have_no_weight(run, inputs, mask, weights, axis=-1, excluded=True):
    """A key that the mask excludes has no weight. ``excluded`` is what the mask holds for it."""
    chosen = with_some_masked(inputs, mask, axis, excluded)
    made = run(copies(chosen))[weights].float()
    out = (chosen[mask] == excluded).expand_as(made)
    worst = torch.where(out, made.abs(), torch.zeros_like(made)).max().item()
    if worst != worst:
        return "the weights of a masked query are not a number"
    return "" if worst < 1e-3 else f"a masked key has the weight {worst:.2g}"


def future_has_no_weight(run, inputs, weights, key_axis=-1, query_axis=-2):
    """A query gives no weight to keys behind it, and finds one to give it to."""
    made = run(copies(inputs))[weights].float().movedim((query_axis, key_axis), (-2, -1))
    if torch.isnan(made).any():
        return "a query has no key left: its weights are not a number"
    ahead = made.flatten(0, -3)[0] if made.dim() > 2 else made
    for query in range(ahead.shape[0]):
        for key in range(query + 1, ahead.shape[1]):
            if ahead[query, key] > 1e-3:
                return f"query {query} gives the weight {ahead[query, key].item():.2g} to key {key}, which comes later"
    return ""


def ignores_masked_keys(run, inputs, mask, mask_axis, keys, result, kept=1, excluded=0, key=-1, own_axis=None):
    """A key that the mask excludes has no influence. ``keys``: pairs of name and axis of what holds the keys' contents.

    ``kept`` and ``excluded`` are what the mask holds for a key that counts and one that does not. Only the last key is
    excluded, for all queries. In self-attention the key is a token of the result, too: along ``own_axis`` of the result
    it is left out.
    """
    chosen = copies(inputs)
    counts = torch.full_like(chosen[mask], kept)
    counts.select(mask_axis, key).fill_(excluded)
    chosen[mask] = counts
    before = run(copies(chosen))[result]
    changed = chosen
    for name, axis in keys:
        changed = changed_at(changed, name, axis, key)
    after = run(changed)[result]
    if own_axis is None:
        reached = differing(before, after, 0)
    else:
        own = key % before.shape[own_axis]
        reached = [index for index in differing(before, after, own_axis) if index != own]
    if not reached:
        chosen[mask].fill_(kept)
        if not differing(before, run(chosen)[result], 0):
            raise ValueError("the mask changes nothing")
        return ""
    number = key % counts.shape[mask_axis]
    return f"key {number} is masked, and the result changes when its content does"


def is_causal(run, inputs, sources, result, result_axis):
    """A token sees only itself and those before it. ``sources``: pairs of name and axis."""
    before = run(copies(inputs))[result]
    if torch.isnan(before).any():
        return "a token has nothing left to see: its output is not a number"
    for index in range(min(inputs[name].shape[axis] for name, axis in sources)):
        changed = inputs
        for name, axis in sources:
            changed = changed_at(changed, name, axis, index)
        after = run(changed)[result]
        early = [reached for reached in differing(before, after, result_axis) if reached < index]
        if early:
            return f"token {early[0]} changes when the later token {index} does"
    return ""


def scores_have_unit_variance(run, inputs, operands, scores):
    """The scores of queries and keys of unit variance have unit variance: softmax neither saturates nor goes flat."""
    total, count = 0.0, 0
    one, other = (run(standard_normal(inputs, *operands))[scores].float() for _ in range(2))
    if torch.equal(one, other):
        raise ValueError("the scores are not made of these queries and keys")
    while count < 20000:
        made = run(standard_normal(inputs, *operands))[scores].float()
        made = made[torch.isfinite(made) & (made > -1000)]  # without what a mask has taken out
        total += made.pow(2).sum().item()
        count += max(made.numel(), 1)
    variance = total / count
    if 0.75 < variance < 1.33:
        return ""
    return f"the scores of unit-variance queries and keys have variance {variance:.2g}, not 1"


def evaluation_repeats_itself(run, inputs, result):
    """In evaluation mode the same input gives the same result."""
    torch.manual_seed(1)
    first = run(copies(inputs))[result]
    for seed in range(2, 12):
        torch.manual_seed(seed)
        second = run(copies(inputs))[result]
        worst = (first.float() - second.float()).abs().max().item()
        if worst > 1e-5:
            return f"the same input gives another result every time in evaluation mode (off by up to {worst:.2g})"
    return ""


def pairs_elements(run, inputs, result, elements):
    """An elementwise operation pairs element i with element i: as many come out as went in."""
    made = run(copies(inputs))[result]
    if made.numel() <= elements:
        return ""
    return f"{made.numel()} elements come out of {elements}: every one is combined with every other"


def perfect_prediction_costs_nothing(run, inputs, prediction, target, loss):
    """The loss is zero where the prediction is the target."""
    perfect = copies(inputs)
    perfect[prediction] = perfect[target].reshape(perfect[prediction].shape).to(perfect[prediction].dtype)
    cost = run(perfect)[loss].float().mean().item()
    if abs(cost) < 1e-6:
        return ""
    return f"the loss of a prediction that equals the target is {cost:.2g}, not 0"


def depends_on_its_input(run, inputs, source, result):
    """Another input gives another result."""
    before = run(standard_normal(inputs, source))[result]
    for _ in range(5):
        if differing(before, run(standard_normal(inputs, source))[result], 0):
            return ""
    return f"every input gives the same result, {before.flatten()[0].item():.3g}"


def keeps_lengths(run, inputs, source, result):
    """A rotation leaves the length of every vector along the last axis as it is."""
    changed = standard_normal(inputs, source)
    before, after = changed[source].float(), run(changed)[result].float()
    lengths = [each.pow(2).sum(-1).sqrt().flatten() for each in (before, after)]
    if lengths[0].shape != lengths[1].shape:
        raise ValueError("the result has another shape")
    worst = (lengths[0] - lengths[1]).abs().argmax()
    if torch.allclose(lengths[0], lengths[1], rtol=1e-3):
        return ""
    return f"a vector of length {lengths[0][worst].item():.3g} comes out with length {lengths[1][worst].item():.3g}"


def meets_its_own(run, inputs, one, other):
    """Index i of two sources lies at the same places of what is made of them. Both are (source, its axis, what is made
    of it, the axis of that)."""
    for index in range(inputs[one[0]].shape[one[1]]):
        reached = []
        for source, axis, made, place in (one, other):
            before = run(copies(inputs))[made]
            reached.append(differing(before, run(changed_at(inputs, source, axis, index))[made], place))
        fewer, more = sorted(reached, key=len)
        if not set(fewer) <= set(more):
            return f"index {index} of one lies at {listed(fewer)}, that of the other at {listed(more)}"
    return ""


def masks_its_own(run, inputs, mask, mask_axis, result, result_axis):
    """What the mask of one sample takes out changes that sample, and no other."""
    chosen = copies(inputs)
    chosen[mask].zero_()
    before = run(copies(chosen))[result]
    for index in range(chosen[mask].shape[mask_axis]):
        changed = copies(chosen)
        changed[mask].select(mask_axis, index)[..., -1].fill_(True if changed[mask].dtype == torch.bool else -1e4)
        others = [each for each in differing(before, run(changed)[result], result_axis) if each != index]
        if others:
            return f"the mask of sample {index} changes sample {others[0]}"
    return ""


def depends_on_order(run, inputs, source, axis, result):
    """It matters which of the elements along an axis meets which of the other operand."""
    before = run(copies(inputs))[result]
    changed = copies(inputs)
    changed[source] = changed[source].flip(axis)
    if differing(before, run(changed)[result], 0):
        return ""
    return "the same elements in another order give the same result: none is paired with its own"


def can_be_certain(run, inputs, logits, logits_axis, result, axis):
    """Of logits of which one is far above the others, one probability is nearly 1."""
    certain = copies(inputs)
    certain[logits].fill_(-100.0).select(logits_axis, 0).fill_(100.0)
    highest = run(certain)[result].amax(axis).min().item()
    return "" if highest > 0.99 else f"the highest probability that certain logits get is {highest:.2g}"


def is_a_part(run, inputs, source, source_axis, result, result_axis, behind):
    """An axis of the source becomes a part of an axis of the result: index j of that is made of index j // behind of
    the source, counted round."""
    count = inputs[source].shape[source_axis]
    before = run(copies(inputs))[result]
    for index in range(count):
        for reached in differing(before, run(changed_at(inputs, source, source_axis, index))[result], result_axis):
            if reached // behind % count != index:
                return f"index {reached} changes when index {index} does, and not index {reached // behind % count}"
    return ""


def has_the_declared_shape(run, inputs, result, sizes, exact=True):
    """The result has as many axes as are declared (at least as many, unless ``exact``), of the declared sizes.

    A size is None where none is declared.
    """
    shape = tuple(run(copies(inputs))[result].shape)
    fits = len(shape) == len(sizes) if exact else len(shape) >= len(sizes)
    if fits and all(size is None or size == shape[axis] for axis, size in enumerate(sizes)):
        return ""
    wanted = ", ".join("?" if size is None else str(size) for size in sizes)
    return f"torch makes a tensor of shape {shape}, declared is ({wanted})"


def masks_leave_numbers(run, inputs, mask, result):
    """Where a mask takes out keys, others are left: no row of the result is empty."""
    made = run(with_some_masked(inputs, mask, axis=-2, excluded=False))[result]
    empty = torch.isnan(made).any() or (made == 0).all(dim=-1).any()
    return "a masked query sees no key at all, one that is not masked sees all" if empty else ""


def certainty_costs_nothing(run, inputs, logits, target, loss):
    """Of a prediction that is certain and right, the loss is next to nothing."""
    certain = copies(inputs)
    if certain[target].is_floating_point():
        certain[target] = (certain[target] > 0).to(certain[target].dtype)
        certain[logits] = certain[target].reshape(certain[logits].shape) * 200 - 100
    else:
        axis = min(1, certain[logits].dim() - 1)
        certain[logits] = torch.full_like(certain[logits], -100.0)
        certain[logits].scatter_(axis, certain[target].unsqueeze(axis), 100.0)
    cost = run(certain)[loss].float().mean().item()
    return "" if abs(cost) < 1e-3 else f"the loss of a prediction that is certain and right is {cost:.2g}, not 0"


def exponentials_sum_to_one(run, inputs, logarithms, axis=-1):
    """The logarithms of the probabilities of all classes: their exponentials sum to one."""
    total = run(copies(inputs))[logarithms].float().exp().sum(axis).flatten()
    worst = total[(total - 1).abs().argmax()].item()
    if abs(worst - 1) <= 0.01:
        return ""
    return f"the exponentials of one prediction sum to {worst:.3g} over the classes, not to 1"


def ignores_what_lies_behind(run, inputs, lengths, keys, result, own_axis=None):
    """What lies behind a sample's length has no influence. ``keys``: pairs of name and axis. In self-attention the last
    key is a token of the result, too: along ``own_axis`` of the result it is left out."""
    chosen = copies(inputs)
    count = min(chosen[name].shape[axis] for name, axis in keys)
    chosen[lengths].fill_(count - 1)
    before = run(copies(chosen))[result]
    changed = chosen
    for name, axis in keys:
        changed = changed_at(changed, name, axis, count - 1)
    reached = differing(before, run(changed)[result], 0 if own_axis is None else own_axis)
    if [index for index in reached if own_axis is None or index != count - 1]:
        return f"{count - 1} of {count} keys count, and the result changes when the last one does"
    return ""
