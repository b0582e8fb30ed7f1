"""``torch.distributions`` as far as shapes go: what is drawn, and what ``log_prob`` and ``entropy`` give."""

import torch


def _shape(sample_shape):
    return tuple(sample_shape)


class Distribution:
    def __init__(self, batch_shape=(), event_shape=(), validate_args=None):
        self.batch_shape = batch_shape
        self.event_shape = event_shape

    def sample(self, sample_shape=()):
        return self.rsample(sample_shape)

    def cdf(self, value):
        return self.log_prob(value)


class _LocationScale(Distribution):
    def __init__(self, loc, scale, validate_args=None):
        if isinstance(loc, torch.Tensor) or isinstance(scale, torch.Tensor):
            self.loc = loc + scale * 0
            self.scale = scale + loc * 0
        else:
            self.loc = torch.tensor(float(loc))
            self.scale = torch.tensor(float(scale))
        self.batch_shape = self.loc.shape
        self.event_shape = ()
        self.mean = self.loc
        self.stddev = self.scale
        self.variance = self.scale

    def rsample(self, sample_shape=()):
        return torch.randn(_shape(sample_shape) + tuple(self.loc.shape), dtype=self.loc.dtype)

    def log_prob(self, value):
        return value - self.loc

    def entropy(self):
        return self.loc + self.scale


class Normal(_LocationScale):
    pass


class LogNormal(_LocationScale):
    pass


class Laplace(_LocationScale):
    pass


class Uniform(_LocationScale):
    pass


class Beta(_LocationScale):
    pass


class Gamma(_LocationScale):
    pass


class Categorical(Distribution):
    def __init__(self, probs=None, logits=None, validate_args=None):
        given = logits if probs is None else probs
        self.logits = given
        self.probs = given
        self._one = given[..., 0]
        self.batch_shape = self._one.shape
        self.event_shape = ()

    def sample(self, sample_shape=()):
        return torch.zeros(_shape(sample_shape) + tuple(self._one.shape), dtype=torch.int64)

    def log_prob(self, value):
        return self._one + value * 0

    def entropy(self):
        return self._one * 1


class Bernoulli(Distribution):
    def __init__(self, probs=None, logits=None, validate_args=None):
        self.probs = logits if probs is None else probs
        self.logits = self.probs
        self.batch_shape = self.probs.shape
        self.event_shape = ()

    def sample(self, sample_shape=()):
        return torch.zeros(_shape(sample_shape) + tuple(self.probs.shape))

    def log_prob(self, value):
        return self.probs + value * 0

    def entropy(self):
        return self.probs * 1


class Independent(Distribution):
    def __init__(self, base_distribution, reinterpreted_batch_ndims, validate_args=None):
        self.base_dist = base_distribution
        self.ndims = reinterpreted_batch_ndims
        self.mean = base_distribution.mean

    def rsample(self, sample_shape=()):
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value):
        result = self.base_dist.log_prob(value)
        for _ in range(self.ndims):
            result = result.sum(-1)
        return result

    def entropy(self):
        result = self.base_dist.entropy()
        for _ in range(self.ndims):
            result = result.sum(-1)
        return result


class MultivariateNormal(Distribution):
    def __init__(self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None):
        self.loc = loc
        self.mean = loc

    def rsample(self, sample_shape=()):
        return torch.randn(_shape(sample_shape) + tuple(self.loc.shape))

    def log_prob(self, value):
        return (value - self.loc).sum(-1)

    def entropy(self):
        return self.loc.sum(-1)
