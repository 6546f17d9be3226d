"""Prints 20 steps of Keras 3's optimizers, and values of its schedules, as JSON.

Made once with keras and tensorflow-cpu and stored as
packages/coordinator/src/core/optimizers/testing/keras-reference.json:

    KERAS_BACKEND=tensorflow python test/reference/optimizers.py > FILE

Parameters are float64, so that the stored values are the formulas' and not one float32 rounding of them. Keras keeps
learning rates and schedules in float32 all the same.
"""

import json
import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

STEPS = 20
START = [1.0, -2.0, 0.5, 4.0, -0.75, 1.5]
# Multiples of 2^-4, exact in float32; they change sign and size, and one is zero now and then.
GRADIENTS = [[((step * 7 + index * 5) % 23 - 11) / 16 for index in range(len(START))] for step in range(STEPS)]

CASES = {
    "sgd": {"type": "sgd", "learningRate": 0.0625, "momentum": 0.0, "nesterov": False},
    "momentum": {"type": "sgd", "learningRate": 0.0625, "momentum": 0.9, "nesterov": False},
    "nesterov": {"type": "sgd", "learningRate": 0.0625, "momentum": 0.9, "nesterov": True},
    "adam": {"type": "adam", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7},
    "adamw": {"type": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7, "weightDecay": 0.1},
    "rmsprop": {"type": "rmsprop", "learningRate": 0.01, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": False},
    "rmsprop centered": {"type": "rmsprop", "learningRate": 0.01, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7, "centered": True},
    "rmsprop momentum": {"type": "rmsprop", "learningRate": 0.01, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-7, "centered": False},
}

SCHEDULES = {
    "exponential": ({"type": "exponential", "warmupSteps": 0, "decaySteps": 7, "decayRate": 0.5},
                    lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 7, 0.5)),
    "step": ({"type": "step", "warmupSteps": 0, "everySteps": 7, "factor": 0.3},
             lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 7, 0.3, staircase=True)),
    "cosine": ({"type": "cosine", "warmupSteps": 0, "decaySteps": 20, "alpha": 0.1},
               lambda: keras.optimizers.schedules.CosineDecay(0.1, 20, alpha=0.1)),
    "cosine after a warm-up": ({"type": "cosine", "warmupSteps": 5, "decaySteps": 20, "alpha": 0.0},
                               lambda: keras.optimizers.schedules.CosineDecay(
                                   0.0, 20, alpha=0.0, warmup_target=0.1, warmup_steps=5)),
}


def optimizer_of(spec):
    rate = spec["learningRate"]
    if spec["type"] == "sgd":
        return keras.optimizers.SGD(rate, momentum=spec["momentum"], nesterov=spec["nesterov"])
    if spec["type"] == "rmsprop":
        return keras.optimizers.RMSprop(rate, rho=spec["rho"], momentum=spec["momentum"], epsilon=spec["epsilon"],
                                        centered=spec["centered"])
    betas = {"beta_1": spec["beta1"], "beta_2": spec["beta2"], "epsilon": spec["epsilon"]}
    if spec["type"] == "adam":
        return keras.optimizers.Adam(rate, **betas)
    return keras.optimizers.AdamW(rate, weight_decay=spec["weightDecay"], **betas)


def run(spec):
    variable = keras.Variable(np.array(START), dtype="float64")
    optimizer = optimizer_of(spec)
    rows = []
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(np.array(gradient), dtype="float64")], [variable])
        rows.append(keras.ops.convert_to_numpy(variable).tolist())
    return rows


def main():
    keras.config.set_floatx("float64")
    schedules = []
    for name, (spec, make) in SCHEDULES.items():
        schedule = make()
        rates = [float(schedule(np.float64(step))) for step in range(31)]
        schedules.append({"name": name, "spec": spec, "initialRate": 0.1, "rates": rates})
    print(json.dumps({
        "keras": keras.__version__,
        "start": START,
        "gradients": GRADIENTS,
        "optimizers": [{"name": name, "spec": spec, "parameters": run(spec)} for name, spec in CASES.items()],
        "schedules": schedules,
    }, indent=2))


main()
