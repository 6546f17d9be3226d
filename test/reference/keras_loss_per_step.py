"""Trains a job in Keras from Lockstep's initial parameters, on Lockstep's batches, and prints the loss of every step.

    python keras_loss_per_step.py INPUT [float64|float32] > OUTPUT

INPUT is what test/reference/loss-job-input.ts writes: layers, loss, optimizer, schedule, prepared features, targets,
initial parameters, the rows of each global batch, and the weights of rows or classes. Forward pass, gradients,
penalties, weighing, optimizer and schedule are Keras' own. The loss of a step is that of the batch before its update,
without penalties, as Lockstep reports it.

The stored values, test/reference/loss-per-step.json, were made with Keras 3.15 on JAX and are made again by

    LOCKSTEP_PYTHON=... LOCKSTEP_UPDATE_REFERENCE=1 npx vitest run --project e2e test/e2e/python-reference.test.ts -t Keras

Needs keras, numpy and a backend, tensorflow or jax; KERAS_BACKEND chooses. float64 is the default, so that the values
are the formulas' and not those of one order of float32 roundings. Keras keeps the learning rate in float32 all the same.
"""

import importlib.util
import json
import os
import sys

if not os.environ.get("KERAS_BACKEND"):
    os.environ["KERAS_BACKEND"] = "tensorflow" if importlib.util.find_spec("tensorflow") else "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")

import keras  # noqa: E402
import numpy as np  # noqa: E402

LOSSES = {
    "binaryCrossEntropy": keras.losses.BinaryCrossentropy,
    "sparseCategoricalCrossEntropy": keras.losses.SparseCategoricalCrossentropy,
    "mse": keras.losses.MeanSquaredError,
}


def penalty(spec):
    return keras.regularizers.L1L2(l1=spec["l1"], l2=spec["l2"]) if spec else None


def dense(spec):
    if spec["type"] != "dense":
        raise SystemExit(f"no counterpart of the layer {spec['type']}")
    return keras.layers.Dense(
        spec["units"],
        activation=spec["activation"],
        use_bias=spec["useBias"],
        kernel_regularizer=penalty(spec.get("kernelRegularizer")),
        bias_regularizer=penalty(spec.get("biasRegularizer")),
    )


def model_of(job):
    """The layers, with the initial parameters in place."""
    width = len(job["features"][0])
    model = keras.Sequential([keras.Input((width,)), *[dense(spec) for spec in job["layers"]]])
    values = iter(job["parameters"])
    for layer in model.layers:
        layer.set_weights([np.array(next(values)["values"]).reshape(weight.shape) for weight in layer.weights])
    if next(values, None) is not None:
        raise SystemExit("parameters are left over")
    return model


def rate_of(job):
    schedule, rate = job["schedule"], job["optimizer"]["learningRate"]
    if schedule["type"] == "cosine" and schedule["warmupSteps"] == 0:
        return keras.optimizers.schedules.CosineDecay(rate, schedule["decaySteps"], alpha=schedule["alpha"])
    if schedule["type"] == "constant" and schedule["warmupSteps"] == 0:
        return rate
    raise SystemExit(f"no counterpart of the schedule {schedule}")


def optimizer_of(job):
    spec = job["optimizer"]
    if spec["type"] == "sgd":
        return keras.optimizers.SGD(rate_of(job), momentum=spec["momentum"], nesterov=spec["nesterov"])
    if spec["type"] == "adam":
        # TensorFlow's cast of a Python float passes through float32, which changes 1 - 0.999 by 1e-5 of itself.
        exact = np.float64 if keras.config.floatx() == "float64" else float
        betas = {"beta_1": exact(spec["beta1"]), "beta_2": exact(spec["beta2"]), "epsilon": spec["epsilon"]}
        return keras.optimizers.Adam(rate_of(job), **betas)
    raise SystemExit(f"no counterpart of the optimizer {spec['type']}")


def losses_of(job, dtype):
    features = np.array(job["features"], dtype=dtype)
    targets = np.array(job["targets"], dtype=dtype).reshape(-1, 1)
    model = model_of(job)
    loss = LOSSES[job["loss"]]()
    # XLA on top of TensorFlow would only cost time; JAX has no other way to be fast.
    jit = "auto" if keras.backend.backend() == "jax" else False
    model.compile(optimizer=optimizer_of(job), loss=loss, jit_compile=jit)
    values = []
    for rows in job["batches"]:
        x, y = features[rows], targets[rows]
        weights, weighing = weighing_of(job, rows, dtype)
        values.append(float(keras.ops.convert_to_numpy(loss(y, model(x), sample_weight=weights))))
        model.train_on_batch(x, y, **weighing)
    return values


def weighing_of(job, rows, dtype):
    """Weights of rows, None without, and what training is told of them."""
    if "weights" in job:
        weights = np.array(job["weights"], dtype=dtype)[rows]
        return weights, {"sample_weight": weights}
    if "classWeights" in job:
        by_class = job["classWeights"]
        weights = np.array([by_class[int(job["targets"][row])] for row in rows], dtype=dtype)
        return weights, {"class_weight": dict(enumerate(by_class))}
    return None, {}


def main(path, dtype="float64"):
    keras.config.set_floatx(dtype)
    with open(path, encoding="utf-8") as file:
        jobs = json.load(file)
    made = {"keras": keras.__version__, "backend": keras.backend.backend(), "dtype": dtype}
    print(json.dumps({**made, "jobs": {name: losses_of(job, dtype) for name, job in jobs.items()}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
