"""Sums of f32 by Python's fractions, which round nothing: what a sum and a mean are, whatever adds."""
import math
from fractions import Fraction

import numpy as np
from serve import serve


def nearest_sum(values):
    """the f64 nearest to the sum of all"""
    values = [float(v) for v in values]
    special = [v for v in values if not math.isfinite(v)]
    if special:
        return special[0] if all(v == special[0] for v in special) else math.nan
    total = sum(map(Fraction, values), Fraction(0))
    return total.numerator / total.denominator


def end(values, least_or_greatest):
    """NaN wins, and -0 is below 0, as IEEE 754 has it of minimum and maximum"""
    if any(math.isnan(v) for v in values):
        return math.nan
    return least_or_greatest(values, key=lambda v: (v, math.copysign(1, v)))


def sums(keys, values):
    """by key, in their order: the key, how many, sum and mean in f32, the least and the greatest"""
    groups = {}
    for k, v in zip(keys, values):
        groups.setdefault(int(k), []).append(v)
    out = [(k, len(g), nearest_sum(g)) for k, g in sorted(groups.items())]
    with np.errstate(over="ignore"):
        return {
            "key": np.array([k for k, _, _ in out], np.int32),
            "count": np.array([n for _, n, _ in out], np.int32),
            "sum": np.array([np.float32(s) for _, _, s in out], np.float32),
            "mean": np.array([np.float32(s / n) for _, n, s in out], np.float32),
            "least": np.array([end(groups[k], min) for k, _, _ in out], np.float32),
            "greatest": np.array([end(groups[k], max) for k, _, _ in out], np.float32),
        }


serve(sums)
