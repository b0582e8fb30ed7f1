"""What the shape rules do not tell, and why. A test fails when something listed here has meanwhile become exact."""

from __future__ import annotations

CONTENTS = "the size depends on the contents of a tensor"
ANSWER = "the answer depends on the contents of a tensor"
SYMBOLIC = "with symbols, how many parts there are, or a rounded product, is not known"
NAMED = "whoever names an axis to squeeze takes it to be 1, so a symbol there may be 1 and the rank is open"

# OpInfo or ModuleInfo entry: why the result of some of its samples is not known.
UNKNOWN: dict[str, str] = {
    "allclose": ANSWER,
    "equal": ANSWER,
    "item": ANSWER,
    "argwhere": CONTENTS,
    "bincount": CONTENTS,
    "masked_select": CONTENTS,
    "nonzero": CONTENTS,
    "unique": CONTENTS,
    "unique_consecutive": CONTENTS,
    "nn.functional.one_hot": CONTENTS,
    "__getitem__": CONTENTS,
    "combinations": "the number of choices from a symbolic number of elements",
    "repeat_interleave": SYMBOLIC,
    "split": SYMBOLIC,
    "tensor_split": SYMBOLIC,
    "unbind": SYMBOLIC,
    "unbind_copy": SYMBOLIC,
    "unsafe_split": SYMBOLIC,
    "squeeze": NAMED,
    "squeeze_copy": NAMED,
    "squeeze.multiple": NAMED,
    "nn.functional.fractional_max_pool2d": SYMBOLIC,
    "nn.functional.fractional_max_pool3d": SYMBOLIC,
    "nn.functional.interpolate.area": SYMBOLIC,
    "nn.functional.interpolate.bicubic": SYMBOLIC,
    "nn.functional.interpolate.bilinear": SYMBOLIC,
    "nn.functional.interpolate.linear": SYMBOLIC,
    "nn.functional.interpolate.nearest": SYMBOLIC,
    "nn.functional.interpolate.nearest-exact": SYMBOLIC,
    "nn.functional.interpolate.trilinear": SYMBOLIC,
    "nn.functional.upsample_bilinear": SYMBOLIC,
    "nn.functional.upsample_nearest": SYMBOLIC,
    "linalg.lstsq": "which driver runs, and the rank of the matrices, decides about residuals and singular values",
    "linalg.lstsq.grad_oriented": "as linalg.lstsq",
    "nn.functional.triplet_margin_loss": "a mixture of dtypes",
    "nn.functional.cosine_embedding_loss": "a mixture of dtypes",
    "nn.functional.batch_norm": "a batch without elements",
    "nn.LinearCrossEntropyLoss": "new in torch 2.13: the parameters are not modelled",
    "nn.LazyConv1d": "the parameters of a lazy layer are made at the first call",
    "nn.LazyConv2d": "as nn.LazyConv1d",
    "nn.LazyConv3d": "as nn.LazyConv1d",
    "nn.LazyConvTranspose1d": "as nn.LazyConv1d",
    "nn.LazyConvTranspose2d": "as nn.LazyConv1d",
    "nn.LazyConvTranspose3d": "as nn.LazyConv1d",
}

PRIVATE = "a private function of ATen that programs do not call"

# Torch functions without a shape rule, and why.
NO_RULE: dict[str, str] = {
    "torch._unsafe_masked_index": PRIVATE,
    "torch._unsafe_masked_index_put_accumulate": PRIVATE,
    "torch._chunk_cat": PRIVATE,
    "torch.Tensor.to_sparse": "sparse tensors are not modelled",
    "torch.nn.functional.linear_cross_entropy": "new in torch 2.13, not used yet",
    "torch.as_strided_scatter": "not used by programs",
    "torch.Tensor.as_strided_scatter": "not used by programs",
}

NUMBER = "about the value of a number"

# Words of torch's message for calls that must raise, where no rule complains: why it does not.
MISSED: dict[str, str] = {
    r"^TypeError": "arguments that do not bind are never a finding",
    r"^AttributeError": "arguments that do not bind are never a finding",
    r"unsupported operation: .* single memory location": "overlapping memory is not modelled",
    r"up to 64 dims are supported": "nobody has so many dimensions",
    r"implemented for strided tensors only": "layouts are not modelled",
    r"on the same device": "nobody computes with meta tensors beside others",
    r"(out tensor to have dtype|expects Long tensor out|for argument 'out')": "the dtype of out= is not demanded",
    r"(probability|probabilities|prob_dist|multinomial distribution)": "about the contents of a tensor",
    r"index \d+ is out of bounds": "about the contents of a tensor",
    r"weights cannot be negative": "about the contents of a tensor",
    r"without overflow": NUMBER,
    r"(must be|expects|to be) .*(greater|less|negative|positive|in range|in \(0, 1\)|> 0\.0|>= 0\.0)": NUMBER,
    r"uniform_ expects to return": NUMBER,
    r"(eps|Tau|beta|margin|delta|deviation|rtol|atol|order|lambda) .*(positive|non-negative|greater|range)": NUMBER,
    r"Coefficients cannot be empty|Center must be None": NUMBER,
    r"Lower bound should be|min_val cannot be|number of categories": NUMBER,
    r"approximate argument must be": "about the value of a string",
    r"start must be an 0-dim integral Tensor": "the contents of start are looked at first",
    r"ignore_index (is not supported|cannot be)": NUMBER,
    r"Input type .* and bias type": "the dtype of a bias is not compared",
    r"output_size'? (must be|should)": "arguments that do not bind are never a finding",
    r"var is of incorrect size": "a variance of another shape broadcasts in one case of many",
    r"Expected input batch_size .* to match target|expected weight shape to be": "as nn.LinearCrossEntropyLoss",
    r"expected scalar type Float but found Half": "two floating dtypes may be one under autocast",
}
