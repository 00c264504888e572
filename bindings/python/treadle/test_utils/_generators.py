"""Whether numbers are drawn from the distribution that they should be drawn from."""

import math

import numpy as np

from ._compare import as_host

__all__ = [
    "gen_buckets_probs_with_ppf",
    "mean_check",
    "var_check",
    "chi_square_check",
    "verify_generator",
]


def gen_buckets_probs_with_ppf(ppf, nbuckets):
    """Ranges of equal probability, as a list of pairs, and a list of their probabilities, from the
    inverse of the distribution function."""
    if nbuckets <= 0:
        raise ValueError("%s buckets are asked for; at least 1 is expected." % nbuckets)
    ends = [ppf(i / nbuckets) for i in range(nbuckets + 1)]
    return list(zip(ends[:-1], ends[1:])), [1.0 / nbuckets] * nbuckets


def mean_check(generator, mu, sigma, nsamples=1000000):
    """Whether the mean of `generator(nsamples)` is within 3 of its deviations of `mu`."""
    return bool(abs(as_host(generator(nsamples)).mean() - mu) < 3 * sigma / math.sqrt(nsamples))


def var_check(generator, sigma, nsamples=1000000):
    """Whether the variance of `generator(nsamples)` is within 3 of its deviations of sigma ** 2, as
    normal numbers have them."""
    found = as_host(generator(nsamples)).var(ddof=1)
    return bool(abs(found - sigma**2) < 3 * math.sqrt(2 * sigma**4 / (nsamples - 1)))


def _upper_gamma(s, x):
    """The regularised upper incomplete gamma function, by its series below s + 1 and by its
    continued fraction above."""
    if x <= 0:
        return 1.0
    front = math.exp(s * math.log(x) - x - math.lgamma(s))
    if x < s + 1:
        term = total = 1 / s
        n = s
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - front * total)
    # Lentz's way: numerators and denominators as ratios to the step before.
    b = x + 1 - s
    c, d = math.inf, 1 / b
    value = d
    for i in range(1, 10000):
        a = -i * (i - s)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value


def _observed(samples, buckets):
    """How many samples are in each bucket, a value or a pair of ends."""
    if not isinstance(buckets[0], (list, tuple)):
        return np.array([(samples == bucket).sum() for bucket in buckets])
    ends = np.array(buckets, np.float32).ravel()
    if (np.diff(ends) < 0).any():
        raise ValueError(
            "The buckets are %s; ascending ones that share nothing are expected." % buckets
        )
    places = np.searchsorted(ends, samples.ravel(), side="right")
    return np.array([(places == 2 * i + 1).sum() for i in range(len(buckets))])


def chi_square_check(generator, buckets, probs, nsamples=1000000):
    """The p-value of a chi-square test of `generator(nsamples)`, with the observed and the expected
    counts of the buckets.

    `buckets` is a list of values, or of pairs (from, below) in ascending order, `probs` their
    probabilities. A value above 0.05 says that nothing speaks against the distribution."""
    if not isinstance(buckets, list) or len(buckets) != len(probs) or len(buckets) < 2:
        raise ValueError(
            "The buckets are %s with the probabilities %s; two lists of one length, at least 2, "
            "are expected." % (buckets, probs)
        )
    expected = (nsamples * np.array(probs, np.float32)).astype(np.int32)
    if not expected.all():
        raise ValueError(
            "Of %d samples no whole one is expected in bucket %d; take more samples or larger "
            "buckets." % (nsamples, int(np.argmin(expected)))
        )
    observed = _observed(as_host(generator(nsamples)), buckets)
    statistic = ((observed - expected) ** 2 / expected).sum()
    return _upper_gamma((len(buckets) - 1) / 2, float(statistic) / 2), observed, expected


def verify_generator(
    generator, buckets, probs, nsamples=1000000, nrepeat=5, success_rate=0.2, alpha=0.05
):
    """Raises AssertionError unless at least the part `success_rate` of `nrepeat` chi_square_check's
    gives more than `alpha`; gives the list of p-values."""
    checks = [chi_square_check(generator, buckets, probs, nsamples) for _ in range(nrepeat)]
    values = [p for p, _, _ in checks]
    passed = sum(p > alpha for p in values)
    if passed < nrepeat * success_rate:
        raise AssertionError(
            "%d of %d chi-square tests give more than %g; %g are expected. They give %s for the "
            "buckets %s, expected are the counts %s, the last ones observed %s."
            % (passed, nrepeat, alpha, nrepeat * success_rate, values, buckets,
               checks[-1][2].tolist(), checks[-1][1].tolist())
        )
    return values
