"""Reads a table with pandas and prepares it as Lockstep does: impute, scale and one-hot, fitted on the training rows.

Usage: pandas_prepare.py TABLE.csv. Prints one line of JSON: seconds and peak memory (MB, 10^6) of reading, and of all.
"""

import json
import resource
import sys
import time

import numpy
import pandas
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def figures(start):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    return {"seconds": time.perf_counter() - start, "peakMb": peak}


def main(path):
    start = time.perf_counter()
    table = pandas.read_csv(path, low_memory=False)
    read = figures(start)
    target = table.pop("y")
    table = table.drop(columns="id")
    train, test, train_y, test_y = train_test_split(table, target, test_size=0.2, stratify=target, random_state=42)
    numbers = train.select_dtypes("number").columns
    words = [name for name in train.columns if name not in set(numbers)]
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), numbers),
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), words),
        ]
    )
    features = prepare.fit_transform(train).astype(numpy.float32)
    held_out = prepare.transform(test).astype(numpy.float32)
    assert len(features) == len(train_y) and len(held_out) == len(test_y)
    print(json.dumps({"read": read, "prepare": figures(start)}))


main(sys.argv[1])
