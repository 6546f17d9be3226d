"""Where EarlyStopping of Keras stops for the values of packages/coordinator/src/core/early-stopping.test.ts.

Prints the epoch it stopped after (0: it did not) and the best epoch, both counted from 1.
Run with KERAS_BACKEND=numpy. Written out with Keras 3.15.1.
"""
from keras.callbacks import EarlyStopping

NAN = float("nan")
CASES = [
    ([5, 4, 4, 3], {}),
    ([5, 4, 4.5, 4.2, 4.1], {"patience": 3}),
    ([5, 6, 4, 6, 6, 1], {"patience": 2}),
    ([5, 4.6, 4.2, 4.1], {"min_delta": 0.5, "patience": 1}),
    ([5, 5, 5], {"patience": 2}),
    ([1, 2, 9, 8, 8], {"start_from_epoch": 2}),
    ([0.5, 0.6, 0.6, 0.7], {"mode": "max"}),
    ([0.5, 0.4, 0.6], {"mode": "min"}),
    ([0.5, 0.6, 0.4], {"mode": "max"}),
    ([5, NAN, NAN, 4], {"patience": 2}),
    ([NAN, NAN, NAN], {"patience": 1}),
]


class Model:
    stop_training = False

    def get_weights(self):
        return []


for values, settings in CASES:
    callback = EarlyStopping(restore_best_weights=True, **settings)
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        if callback.model.stop_training:
            break
    stopped = callback.stopped_epoch + 1 if callback.stopped_epoch else 0
    print(values, settings, stopped, callback.best_epoch + 1)
