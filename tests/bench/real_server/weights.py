"""A tiny model in the format GGUF, its weights random: its words mean nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

_MAKER = '''
"""Writes a llama model with random weights: 2 layers of 64, 4 heads, a vocabulary of bytes."""
import sys
import gguf
import numpy as np

path, context = sys.argv[1], int(sys.argv[2])
words = "the of and in to a is method model data learning results show we with for on".split()
tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
kinds = [2, 3, 3] + [6] * 256
pieces = ["\\u2581"] + list("etaoinsrhldcumfpgwybvkxjqz.,[]0123456789")
pieces += ["\\u2581" + word for word in words]
tokens += pieces
kinds += [1] * len(pieces)
scores = [0.0] * 259 + [-float(at) for at in range(len(pieces))]
width, inner, layers, heads = 64, 128, 2, 4
random = np.random.default_rng(7)

def weights(*shape):
    return (random.standard_normal(shape) * 0.05).astype(np.float32)

writer = gguf.GGUFWriter(path, "llama")
writer.add_name("tiny")
writer.add_context_length(context)
writer.add_embedding_length(width)
writer.add_block_count(layers)
writer.add_feed_forward_length(inner)
writer.add_head_count(heads)
writer.add_head_count_kv(heads)
writer.add_rope_dimension_count(width // heads)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_file_type(0)
writer.add_tokenizer_model("llama")
writer.add_tokenizer_pre("default")
writer.add_token_list([one.encode() for one in tokens])
writer.add_token_scores(scores)
writer.add_token_types(kinds)
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_unk_token_id(0)
writer.add_tensor("token_embd.weight", weights(len(tokens), width))
writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
writer.add_tensor("output.weight", weights(len(tokens), width))
for at in range(layers):
    for name, shape in (
        ("attn_q", (width, width)), ("attn_k", (width, width)), ("attn_v", (width, width)),
        ("attn_output", (width, width)), ("ffn_gate", (inner, width)),
        ("ffn_up", (inner, width)), ("ffn_down", (width, inner)),
    ):
        writer.add_tensor(f"blk.{at}.{name}.weight", weights(*shape))
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.{at}.{name}.weight", np.ones(width, dtype=np.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
'''


def write_random_model(python: Path, path: Path, context: int) -> Path:
    """Write it with the interpreter of an environment that has gguf; returns its path."""
    subprocess.run([python, "-c", _MAKER, path, str(context)], check=True, timeout=300)
    return path
