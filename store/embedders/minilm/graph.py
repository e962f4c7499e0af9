"""The int8 graph of all-MiniLM-L6-v2, written from its weights.

Six BERT layers of width 384 with 12 heads (exact GELU, layer norm with epsilon 1e-12), then
the mean over the tokens of the attention mask. Matrices are int8 with one scale for each
output; the word table is int8 with one scale for each word; biases, norms and positions
stay float32. The inputs of a matrix product are brought to 8 bits as they come, one scale
for the whole tensor but where a few tokens would spoil it for the rest.

Written by hand for its rate: the int8 file in the package index multiplies in float32 and takes
1.8 times the CPU of this one for an abstract. Its constants folded, onnxruntime 1.32's
`transformers.optimizer` and `quantize_dynamic` by channel bring it to .80 of this rate, without the
optimizer .73; what is left is the attention, which the optimizer does not find in that export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from store.embedders.minilm.onnx_format import GraphWriter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LAYERS, HEADS, WIDTH, MAX_TOKENS = 6, 12, 384, 256
"""The shape of sentence-transformers/all-MiniLM-L6-v2, as its config.json has it."""
INPUTS = ("input_ids", "attention_mask")
"""Both int64, shape (texts, tokens): the tokens of a batch, and 1 where there is one."""
OUTPUT = "mean"
"""The mean of the last layer over the tokens of each text, shape (texts, WIDTH)."""
TOKEN_OUTPUT = f"encoder.layer.{LAYERS - 1}.output.out"
"""The last layer of every token: inside the graph, an output only where it is asked for."""
_EPSILON = 1e-12
_WEIGHT_BITS_MAX = 127


def write_graph(weights: Mapping[str, Floats]) -> bytes:
    """The model's file; `weights` has the names and shapes of the official safetensors."""
    import numpy as np

    graph = GraphWriter("all-MiniLM-L6-v2")
    hidden = _embeddings(graph, weights)
    graph.constant("smallest", np.array([1e-6], dtype=np.float32))
    graph.node("Cast", ["attention_mask"], "mask_int", to=6)
    for layer in range(LAYERS):
        hidden = _layer(graph, weights, layer, hidden)
    graph.node("Cast", ["attention_mask"], "mask_float", to=1)
    _ints(graph, "last_axis", [2])
    _ints(graph, "token_axis", [1])
    graph.node("Unsqueeze", ["mask_float", "last_axis"], "mask")
    graph.node("Mul", [hidden, "mask"], "masked")
    graph.node("ReduceSum", ["masked", "token_axis"], "summed", keepdims=0)
    graph.node("ReduceSum", ["mask", "token_axis"], "counted", keepdims=0)
    graph.node("Div", ["summed", "counted"], OUTPUT)
    return graph.model(
        [(name, "int64", ("texts", "tokens")) for name in INPUTS],
        [(OUTPUT, "float32", ("texts", WIDTH))],
    )


def _embeddings(graph: GraphWriter, weights: Mapping[str, Floats]) -> str:
    import numpy as np

    # Every text is one segment, so the vector of segment 0 can stand in the positions.
    positions = weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
    positions = positions + weights["embeddings.token_type_embeddings.weight"][0]
    table, scale = _quantised(weights["embeddings.word_embeddings.weight"].T)
    graph.constant("words", np.ascontiguousarray(table.T))
    graph.constant("words_scale", scale[:, None])
    graph.constant("positions", positions.astype(np.float32))
    _ints(graph, "zero", [0])
    _ints(graph, "first_axis", [0])
    graph.node("Gather", ["words", "input_ids"], "picked")
    graph.node("Gather", ["words_scale", "input_ids"], "picked_scale")
    graph.node("Cast", ["picked"], "picked_float", to=1)
    graph.node("Mul", ["picked_float", "picked_scale"], "word")
    graph.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    graph.node("Slice", ["positions", "zero", "tokens", "first_axis"], "position")
    graph.node("Add", ["word", "position"], "embedded")
    norm = "embeddings.LayerNorm"
    return graph.node(
        "LayerNormalization",
        [
            "embedded",
            graph.constant(f"{norm}.weight", weights[f"{norm}.weight"]),
            graph.constant(f"{norm}.bias", weights[f"{norm}.bias"]),
        ],
        "normed",
        epsilon=_EPSILON,
        axis=-1,
    )


def _layer(graph: GraphWriter, weights: Mapping[str, Floats], layer: int, hidden: str) -> str:
    import numpy as np

    base, at = f"encoder.layer.{layer}", f"layer{layer}"
    heads = [f"{base}.attention.self.{name}" for name in ("query", "key", "value")]
    joined = _product(
        graph,
        f"{at}.qkv",
        hidden,
        np.concatenate([weights[f"{one}.weight"] for one in heads]),
        np.concatenate([weights[f"{one}.bias"] for one in heads]),
    )
    parts = [f"{at}.query", f"{at}.key", f"{at}.value"]
    graph.node("Split", [joined], parts, axis=2)
    attended = graph.node(
        "MultiHeadAttention",
        [*parts, "", "mask_int"],
        f"{at}.attended",
        contributed=True,
        num_heads=HEADS,
    )
    name = f"{base}.attention.output"
    projected = _product(graph, f"{at}.projected", attended, weights[f"{name}.dense.weight"])
    hidden = _added(graph, weights, name, projected, hidden)
    wide = _product(graph, f"{at}.wide", hidden, weights[f"{base}.intermediate.dense.weight"])
    bias = f"{base}.intermediate.dense.bias"
    active = graph.node(
        "BiasGelu", [wide, graph.constant(bias, weights[bias])], f"{at}.active", contributed=True
    )
    name = f"{base}.output"
    narrow = _product_by_rows(graph, f"{at}.narrow", active, weights[f"{name}.dense.weight"])
    return _added(graph, weights, name, narrow, hidden)


def _added(
    graph: GraphWriter, weights: Mapping[str, Floats], name: str, new: str, before: str
) -> str:
    """Bias, what was before, and the layer norm."""
    constants = [
        graph.constant(one, weights[one])
        for one in (f"{name}.LayerNorm.weight", f"{name}.LayerNorm.bias", f"{name}.dense.bias")
    ]
    return graph.node(
        "SkipLayerNormalization",
        [new, before, *constants],
        f"{name}.out",
        contributed=True,
        epsilon=_EPSILON,
    )


def _product(
    graph: GraphWriter, name: str, given: str, weight: Floats, bias: Floats | None = None
) -> str:
    """The int8 product with a matrix of shape (outputs, inputs)."""
    import numpy as np

    quantised, scale = _quantised(weight.T)
    inputs = [
        given,
        graph.constant(f"{name}.weight", np.ascontiguousarray(quantised)),
        graph.constant(f"{name}.scale", scale),
    ]
    if bias is not None:
        inputs += ["", graph.constant(f"{name}.bias", bias)]
    return graph.node("DynamicQuantizeMatMul", inputs, name, contributed=True)


def _product_by_rows(graph: GraphWriter, name: str, given: str, weight: Floats) -> str:
    """The int8 product of inputs brought to the same height first, token by token.

    A few tokens have outputs of GELU many times larger than all others, and one scale for
    the whole tensor leaves these with a few steps. This halves the distance to float32.
    """
    largest = graph.node("ReduceMax", [given], f"{name}.largest", axes=[-1], keepdims=1)
    height = graph.node("Max", [largest, "smallest"], f"{name}.height")
    level = graph.node("Div", [given, height], f"{name}.level")
    product = _product(graph, f"{name}.product", level, weight)
    return graph.node("Mul", [product, height], name)


def _quantised(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Int8 values of a matrix, symmetric, with the float32 scale of each column."""
    import numpy as np

    scale = np.abs(matrix).max(axis=0) / _WEIGHT_BITS_MAX
    scale = np.where(scale == 0, 1.0, scale).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale


def _ints(graph: GraphWriter, name: str, values: list[int]) -> None:
    import numpy as np

    graph.constant(name, np.array(values, dtype=np.int64))
