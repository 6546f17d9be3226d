"""Recomputes parametersSha256 from model.onnx alone: python parameters_sha256.py MODEL [MODEL...]

The hash is SHA-256 over the trainable parameters only, layer after layer, kernel then bias, row-major [in, out],
little-endian float32. They are the graph's initializers of the name LAYER_TYPE/kernel and LAYER_TYPE/bias, where LAYER
is the position in the spec's list. Needs onnx and numpy, nothing of Lockstep. Prints one hash a line; ends with 1 when
a model's own metadata key lockstep.parameters_sha256 says another one.
"""

import hashlib
import re
import sys

import numpy as np
import onnx
from onnx import numpy_helper

NAME = re.compile(r"(\d+)_[A-Za-z0-9]+/(kernel|bias)")
ORDER = {"kernel": 0, "bias": 1}


def trainable(graph):
    """Name and array of every parameter, in the order of the hash."""
    found = [(NAME.fullmatch(tensor.name), tensor) for tensor in graph.initializer]
    places = [(int(match[1]), ORDER[match[2]], tensor) for match, tensor in found if match]
    if not places:
        raise SystemExit("the model has no initializer with the name of a parameter")
    return [(tensor.name, numpy_helper.to_array(tensor)) for _, _, tensor in sorted(places, key=lambda p: p[:2])]


def parameters_sha256(model):
    digest = hashlib.sha256()
    for name, values in trainable(model.graph):
        if values.dtype != np.float32:
            raise SystemExit(f"{name} is {values.dtype}, not float32")
        digest.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return digest.hexdigest()


def main(paths):
    differ = False
    for path in paths:
        model = onnx.load(path)
        computed = parameters_sha256(model)
        stated = {entry.key: entry.value for entry in model.metadata_props}.get("lockstep.parameters_sha256")
        print(computed)
        if stated != computed:
            differ = True
            print(f"{path} states {stated}", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
