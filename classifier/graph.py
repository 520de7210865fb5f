"""The second stage as an ONNX graph: an encoder's weights in eight bits, and what reads them.

Written node by node rather than traced, so that it needs no torch, is the same wherever it is
made, and uses the operators that onnxruntime is fastest at. What weights are multiplied with is
made into whole numbers with one scale for all that goes in at once, so a text's last digits would
depend on its neighbours in a batch: `Reader` reads one text at a time.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, NDArray[np.float32]]
_MICROSOFT: Final = "com.microsoft"
_OPSET: Final = 20
_IR: Final = 10
_EPSILON: Final = 1e-12
# Seven bits of eight: processors without a dot product of bytes add two
# products of bytes in sixteen bits, where larger ones would not fit.
_LARGEST: Final = 63


class _Graph:
    """Nodes and constants so far."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def weight(self, name: str) -> str:
        return self.constant(name, self.weights[name])

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def add(self, kind: str, inputs: list[str], out: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [out], name=out, **attributes))
        return out

    def map(self, value: str, name: str) -> str:
        """Apply a linear map to `value` (…, in); each row of its weight (out, in) has a scale.

        Each token is divided by its largest number first and multiplied by it afterwards: the
        operator has one scale for all tokens, and some are ten times as large as others.
        """
        weight = self.weights[f"{name}.weight"]
        scales = np.maximum(np.abs(weight).max(1) / _LARGEST, 1e-12)
        whole = np.rint(weight / scales[:, None]).astype(np.int8)
        last = self.constant("last", np.array([-1], dtype=np.int64))
        size = self.add("Abs", [value], f"{name}.sizes")
        size = self.add("ReduceMax", [size, last], f"{name}.size", keepdims=1)
        inputs = [
            self.add("Div", [value, size], f"{name}.even"),
            self.constant(f"{name}.whole", whole.T),
            self.constant(f"{name}.scales", scales.astype(np.float32)),
        ]
        mapped = self.add("DynamicQuantizeMatMul", inputs, f"{name}.made", domain=_MICROSOFT)
        mapped = self.add("Mul", [mapped, size], f"{name}.sized")
        return self.add("Add", [mapped, self.weight(f"{name}.bias")], f"{name}.mapped")


def build_graph(weights: Weights, heads: int) -> bytes:
    """Return the ONNX file: `tokens` (texts, length), all of one length, to `odds` (texts, 7).

    `weights` are named as in `encoder.Encoder`, whose attention has `heads` parts. Raises
    KeyError where one is missing.
    """
    graph = _Graph(weights)
    value = _embed(graph)
    layers = {name.split(".")[1] for name in weights if name.startswith("layers.")}
    for number in range(len(layers)):
        value = _add_layer(graph, f"layers.{number}.", value, heads)
    _answer(graph, value)
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["texts", "length"])
    labels = len(weights["answers.bias"])
    odds = helper.make_tensor_value_info("odds", TensorProto.FLOAT, ["texts", labels])
    constants = list(graph.constants.values())
    whole = helper.make_graph(graph.nodes, "winnow", [tokens], [odds], constants)
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
    model = helper.make_model(whole, opset_imports=opsets, ir_version=_IR, producer_name="winnow")
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _embed(graph: _Graph) -> str:
    words = graph.weights["words.weight"]
    # Nothing is added up here, so all eight bits are used.
    scales = np.maximum(np.abs(words).max(1, keepdims=True) / 127, 1e-12)
    whole = graph.constant("words.whole", np.rint(words / scales).astype(np.int8))
    scale = graph.constant("words.scales", scales.astype(np.float32))
    found = graph.add("Gather", [whole, "tokens"], "words.found")
    found = graph.add("Cast", [found], "words.float", to=TensorProto.FLOAT)
    own = graph.add("Gather", [scale, "tokens"], "words.own")
    found = graph.add("Mul", [found, own], "words.scaled")
    length = graph.add("Shape", ["tokens"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0], dtype=np.int64))
    places = graph.constant("places", graph.weights["places.weight"] + graph.weights["kind"])
    place = graph.add("Slice", [places, zero, length, zero], "places.here")
    inputs = [graph.add("Add", [found, place], "embedded")]
    inputs += [graph.weight("norm.weight"), graph.weight("norm.bias")]
    return graph.add("LayerNormalization", inputs, "embedded.norm", axis=-1, epsilon=_EPSILON)


def _add_layer(graph: _Graph, layer: str, value: str, heads: int) -> str:
    packed = graph.map(value, f"{layer}asked")
    three = [f"{layer}{part}" for part in ("query", "key", "value")]
    split = helper.make_node("Split", [packed], three, axis=-1, num_outputs=len(three))
    graph.nodes.append(split)
    heard = graph.add(
        "MultiHeadAttention", three, f"{layer}heard", domain=_MICROSOFT, num_heads=heads
    )
    value = _add_to(graph, f"{layer}told", heard, value)
    bent = graph.add("Gelu", [graph.map(value, f"{layer}wide")], f"{layer}bent")
    return _add_to(graph, f"{layer}narrow", bent, value)


def _add_to(graph: _Graph, name: str, new: str, old: str) -> str:
    """Apply the linear map `name` to `new`, add `old`, and normalise."""
    # Apart: onnxruntime has one operator for both, and it takes three times as long.
    value = graph.add("Add", [graph.map(new, name), old], f"{name}.sum")
    inputs = [value, graph.weight(f"{name}_norm.weight"), graph.weight(f"{name}_norm.bias")]
    return graph.add("LayerNormalization", inputs, f"{name}.out", axis=-1, epsilon=_EPSILON)


def _answer(graph: _Graph, value: str) -> None:
    one = graph.constant("one", np.array([1], dtype=np.int64))
    mean = graph.add("ReduceMean", [value, one], "mean", keepdims=0)
    largest = graph.add("ReduceMax", [value, one], "largest", keepdims=0)
    both = graph.add("Concat", [mean, largest], "both", axis=-1)
    inputs = [both, graph.weight("answers.weight"), graph.weight("answers.bias")]
    graph.add("Gemm", inputs, "odds", transB=1)
