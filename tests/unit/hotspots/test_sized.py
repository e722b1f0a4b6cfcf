import numpy as np
import pytest

from cs_geo.errors import UsageError
from cs_geo.hotspots.clusters import NO_CLUSTER
from cs_geo.hotspots.parameters import HotspotParameters, Method
from cs_geo.hotspots.points import collapse
from cs_geo.hotspots.sized import find_sized_clusters

E, N = 400_000, 300_000
VARIABLE = HotspotParameters(method=Method.VARIABLE_DENSITY)


def centre_and_estate(seed=1):
    """A dense centre, and an estate ten times as thin, 3 km apart."""
    rng = np.random.default_rng(seed)
    return np.concatenate([
        rng.normal([E, N], 60, (150, 2)), rng.normal([E + 3000, N], 250, (40, 2)),
        rng.uniform([E - 2000, N - 2000], [E + 5000, N + 2000], (60, 2)),
    ])  # fmt: skip


def test_a_thin_estate_is_found_beside_a_dense_centre():
    places = collapse(centre_and_estate())
    strict = HotspotParameters(min_reports=20)
    assert len(find_sized_clusters(places, strict).discs) == 1, "one density finds the centre alone"
    found = find_sized_clusters(places, VARIABLE)
    middles = [places.xy[found.labels == number].mean(axis=0)[0] - E for number in range(len(found.discs))]
    assert any(abs(x) < 200 for x in middles)
    assert any(abs(x - 3000) < 400 for x in middles)


def test_variable_density_does_not_depend_on_the_order_of_the_rows():
    xy = centre_and_estate()
    one, other = (find_sized_clusters(collapse(rows), VARIABLE) for rows in (xy, xy[::-1]))
    assert np.array_equal(one.labels, other.labels)


def test_reports_at_one_point_have_one_label():
    xy = np.concatenate([centre_and_estate(), np.full((25, 2), [E + 1500.0, N + 1500.0])])
    places = collapse(xy)
    found = find_sized_clusters(places, VARIABLE)
    assert found.labels[np.argmax(places.weight)] != NO_CLUSTER


@pytest.mark.parametrize("number", [0, 1, 2, 9])
def test_fewer_reports_than_the_minimum_make_no_cluster(number):
    found = find_sized_clusters(collapse(centre_and_estate()[:number]), VARIABLE)
    assert (found.labels == NO_CLUSTER).all()
    assert len(found.discs) == 0


def test_reports_that_all_lie_on_one_point_are_one_cluster_or_none():
    found = find_sized_clusters(collapse(np.full((30, 2), [float(E), float(N)])), VARIABLE)
    assert len(found.discs) <= 1


def test_an_unknown_method_is_refused_in_words():
    with pytest.raises(UsageError, match="no method"):
        HotspotParameters(method="kmeans")


def test_the_method_is_kept_with_the_run():
    assert HotspotParameters.from_json(VARIABLE.to_json()) == VARIABLE
    assert HotspotParameters.from_json({}).method is Method.ONE_DENSITY
