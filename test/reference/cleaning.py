"""Reference values for packages/data/src/core/cleaning.test.ts and packages/data/src/fit.test.ts: scikit-learn.

Run: python cleaning.py > cleaning.json, then npm run format
"""
import json
import warnings

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.impute import KNNImputer
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, RobustScaler, StandardScaler

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)


def plain(values):
    """Nested lists with null for NaN."""
    return [plain(value) for value in values] if np.ndim(values) else None if np.isnan(values) else float(values)


def robust():
    values = np.round(random.lognormal(2, 1, 101), 3)
    scaler = RobustScaler().fit(values[:, None])
    return {"values": plain(values), "center": scaler.center_[0], "scale": scaler.scale_[0]}


def bounds():
    values = np.round(random.lognormal(2, 1, 101), 3)
    low, high = np.quantile(values, [0.25, 0.75])
    reach = 3 * values.std()
    return {
        "values": plain(values),
        "iqr": [low - 1.5 * (high - low), high + 1.5 * (high - low)],
        "zScore": [values.mean() - reach, values.mean() + reach],
    }


def ranks(values, name):
    asked = np.concatenate([values[:40], values[:40] + 0.004, [values.min() - 1, values.max() + 1]])
    found = {"values": plain(values), "asked": plain(asked)}
    for output in ("uniform", "normal"):
        transform = QuantileTransformer(n_quantiles=1000, output_distribution=output, subsample=None)
        transform.fit(values[:, None])
        found[output] = plain(transform.transform(asked[:, None])[:, 0])
    return {"name": name, **found}


def neighbors():
    rows = np.round(random.normal(size=(40, 4)) * [1, 10, 100, 0.1], 4)
    rows[:, 3] = np.round(rows[:, 0] * 0.1 + rows[:, 3] * 0.01, 4)
    rows[random.random(rows.shape) < 0.15] = np.nan
    scaler = StandardScaler().fit(rows)
    filled = scaler.inverse_transform(KNNImputer(n_neighbors=3).fit_transform(scaler.transform(rows)))
    return {"count": 3, "rows": plain(rows), "deviations": plain(scaler.scale_), "filled": plain(filled)}


def forest():
    rows = np.round(random.normal(size=(300, 3)), 4)
    rows[:6] += 6
    model = IsolationForest(n_estimators=8, max_samples=64, random_state=1).fit(rows)
    trees = []
    for estimator in model.estimators_:
        tree = estimator.tree_
        # Renumbered so that the right child follows the left one.
        order, place, found = [0], {0: 0}, {"column": [], "value": [], "left": [], "rows": [], "depth": []}
        depth = {0: 0}
        for node in order:
            is_leaf = tree.children_left[node] < 0
            if not is_leaf:
                for child in (tree.children_left[node], tree.children_right[node]):
                    place[child] = len(order)
                    depth[child] = depth[node] + 1
                    order.append(child)
            found["column"].append(-1 if is_leaf else int(tree.feature[node]))
            found["value"].append(0.0 if is_leaf else float(tree.threshold[node]))
            found["left"].append(0 if is_leaf else place[tree.children_left[node]])
            found["rows"].append(int(tree.n_node_samples[node]))
            found["depth"].append(depth[node])
        trees.append(found)
    # The trees of scikit-learn compare in float32.
    asked = rows[:20].astype(np.float32).astype(np.float64)
    whole = IsolationForest(n_estimators=100, random_state=1).fit(rows)
    return {
        "sampleSize": 64,
        "trees": trees,
        "asked": plain(asked),
        "scores": plain(-model.score_samples(asked)),
        "rows": plain(rows),
        "wholeScores": plain(-whole.score_samples(rows)),
    }


def rare():
    words = ["oak"] * 10 + ["elm"] * 5 + ["yew"] * 2 + ["fir"] * 2 + ["ash"]
    encoder = OneHotEncoder(min_frequency=3, handle_unknown="infrequent_if_exist", sparse_output=False)
    encoder.fit(np.array(words)[:, None])
    asked = ["oak", "elm", "yew", "ash", "teak"]
    encoded = encoder.transform(np.array(asked)[:, None])
    fraction = OneHotEncoder(min_frequency=0.1).fit(np.array(words)[:, None])
    return {
        "words": words,
        "asked": asked,
        "encoded": plain(encoded),
        "rare": list(encoder.infrequent_categories_[0]),
        "rareBelowTenth": list(fraction.infrequent_categories_[0]),
    }


# With 64 steps the shares are exact: else rounding makes scikit-learn miss some ties of the values with its quantiles.
few = np.round(random.normal(size=65), 1)
many = np.round(random.lognormal(1, 1, 2500), 2)
print(
    json.dumps(
        {
            "robust": robust(),
            "bounds": bounds(),
            "ranks": [ranks(few, "65 values with ties"), ranks(many, "2,500 values")],
            "neighbors": neighbors(),
            "forest": forest(),
            "rare": rare(),
        }
    )
)
