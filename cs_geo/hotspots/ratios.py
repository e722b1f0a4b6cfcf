"""How much more likely reports are as a concentration than as chance: the likelihood ratios of scan statistics.

Both are Kulldorff's (1997, A spatial scan statistic, Communications in Statistics: Theory and Methods 26(6),
1481–1496): equation for the Poisson model p. 1485, for the Bernoulli model p. 1484. They are logarithms to base e, and
0 wherever there is no more inside than outside: a lack of reports is no concentration.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

Floats = npt.NDArray[np.float64]


def poisson_ratio(counted: npt.ArrayLike, expected: npt.ArrayLike, total: float) -> Floats:
    """Log-likelihood ratio of a zone that holds more of all reports than a baseline expects.

    Parameters
    ----------
    counted
        Reports in each zone, c.
    expected
        Reports expected in it, E, of ``total`` over the whole map; above 0.
    total
        Reports on the whole map, N.

    Returns
    -------
    ndarray
        c ln(c/E) + (N − c) ln((N − c)/(N − E)) where c > E, otherwise 0; infinite where E is 0 and c is not.
    """
    c = np.asarray(counted, dtype=np.float64)
    e = np.asarray(expected, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = xlogy(c, c / e) + xlogy(total - c, (total - c) / (total - e))
    return np.where(c > e, ratio, 0.0)


def bernoulli_ratio(cases: npt.ArrayLike, held: npt.ArrayLike, all_cases: float, total: float) -> Floats:
    """Log-likelihood ratio of a zone in which a larger share of reports are cases than elsewhere.

    Parameters
    ----------
    cases
        Cases in each zone, c: reports of the kind or time that is asked about.
    held
        Cases and others in it, n.
    all_cases, total
        Cases C, and cases and others N, on the whole map.

    Returns
    -------
    ndarray
        c ln(c/n) + (n − c) ln((n − c)/n) + (C − c) ln((C − c)/(N − n)) + (N − n − C + c) ln((N − n − C + c)/(N − n))
        − C ln(C/N) − (N − C) ln((N − C)/N) where c/n > (C − c)/(N − n), otherwise 0.
    """
    c = np.asarray(cases, dtype=np.float64)
    n = np.asarray(held, dtype=np.float64)
    outside, cases_outside = total - n, all_cases - c
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = xlogy(c, c / n) + xlogy(n - c, (n - c) / n)
        beyond = xlogy(cases_outside, cases_outside / outside) + xlogy(
            outside - cases_outside, (outside - cases_outside) / outside
        )
        evenly = xlogy(all_cases, all_cases / total) + xlogy(total - all_cases, (total - all_cases) / total)
    # Where nothing lies outside, inside is the whole map, and nothing stands out.
    return np.where(c * outside > cases_outside * n, inside + beyond - evenly, 0.0)
