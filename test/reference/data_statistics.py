"""Reference statistics for packages/data/src/core/aggregates.test.ts: numpy in float64.

Run: python data_statistics.py <repository root>; the output stands as constants in the test.
"""
import csv
import math
import sys

import numpy as np

root = sys.argv[1]
with open(f"{root}/examples/breast-cancer/data.csv", newline="") as file:
    rows = list(csv.DictReader(file))
for name in ("mean_radius", "area_error", "worst_fractal_dimension"):
    column = np.array([float(row[name]) for row in rows])
    exact = math.fsum(column) / len(column)
    variance = math.fsum((value - exact) ** 2 for value in column) / len(column)
    print(name, repr(exact), repr(math.sqrt(variance)), repr(float(np.std(column))), repr(float(np.median(column))))

# A column of 10,000 values around 1e9, where a naive sum of squares loses everything.
values = [1e9 + (index * 7919 % 1000) / 1000 for index in range(10000)]
exact = math.fsum(values) / len(values)
print("shifted", repr(exact), repr(math.fsum((value - exact) ** 2 for value in values) / len(values)))
