"""ESPnet's conformer encoder."""

# package: espnet 202412
# module: espnet2/asr/encoder/conformer_encoder.py
# bare: espnet espnet2
# stub: typeguard

import torch
from espnet2.asr.encoder.conformer_encoder import ConformerEncoder

model = ConformerEncoder(
    input_size=20, output_size=32, attention_heads=4, linear_units=64, num_blocks=2, cnn_module_kernel=5
)
speech = torch.randn(2, 40, 20)
lengths = torch.tensor([40, 36])
out, out_lengths, _ = model(speech, lengths)
