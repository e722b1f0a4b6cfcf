"""Clusters of a size that can be walked, by the method that was chosen: the steps before anything is drawn.

A simulated map and a map with moved reports are taken through the same function as the observed one, so that whatever
is tested is the method as a whole.

DBSCAN is the method, with one radius and one minimum for the whole map. Where a district holds both a dense centre and
thin estates, HDBSCAN (Campello, Moulavi & Sander 2013, Density-based clustering based on hierarchical density
estimates, PAKDD, LNCS 7819, 160–172) finds clusters of different density from the smallest number of reports alone. Its
members are the cores; what lies within the radius of one belongs to its nearest, as for DBSCAN. It splits nothing: what
is larger than allowed is marked.
"""

import numpy as np
import shapely

from cs_geo.hotspots.clusters import (
    NO_CLUSTER,
    Clusters,
    Flags,
    Integers,
    assign_to_nearest,
    cluster_places,
    number_clusters,
)
from cs_geo.hotspots.discs import disc_unions
from cs_geo.hotspots.grouping import rows_by_group
from cs_geo.hotspots.parameters import HotspotParameters, Method
from cs_geo.hotspots.points import Places
from cs_geo.hotspots.splitting import SizedClusters, split_large_clusters


def find_sized_clusters(places: Places, parameters: HotspotParameters) -> SizedClusters:
    """Cluster weighted places (in the order of x, then y) by the method of the parameters."""
    if parameters.method is Method.VARIABLE_DENSITY:
        return _of_variable_density(places, parameters)
    clusters = cluster_places(
        places.xy, places.weight, radius_m=parameters.radius_m, min_reports=parameters.min_reports
    )
    return split_large_clusters(
        places.xy,
        places.weight,
        clusters,
        radius_m=parameters.radius_m,
        min_reports=parameters.min_reports,
        max_area_m2=parameters.max_area_m2,
    )


def _of_variable_density(places: Places, parameters: HotspotParameters) -> SizedClusters:
    found = _hdbscan(places, parameters)
    count = found.count
    cores_of = rows_by_group(np.where(found.core, found.labels, NO_CLUSTER), count)
    discs = disc_unions([places.xy[rows] for rows in cores_of], parameters.radius_m)
    return SizedClusters(
        labels=found.labels,
        core=found.core,
        clusters=found,
        min_reports_used=np.full(count, parameters.min_reports, dtype=np.int64),
        split_from=np.full(count, NO_CLUSTER, dtype=np.int64),
        too_large=np.asarray(shapely.area(discs) > parameters.max_area_m2, dtype=bool),
        discs=tuple(discs),
    )


def _hdbscan(places: Places, parameters: HotspotParameters) -> Clusters:
    # Takes half a second to load, and most runs do without.
    from hdbscan import HDBSCAN

    none = np.full(len(places.xy), NO_CLUSTER, dtype=np.int64)
    reports = np.repeat(places.xy, places.weight, axis=0)
    if len(reports) < parameters.min_reports:
        return _clusters(none, none != NO_CLUSTER, places, parameters)
    # The library takes no weights, so each report stands by itself; reports at one point have one label.
    labels = HDBSCAN(min_cluster_size=parameters.min_reports, core_dist_n_jobs=1).fit_predict(reports)
    firsts = np.cumsum(places.weight) - places.weight
    own = np.asarray(labels, dtype=np.int64)[firsts]
    core = own != NO_CLUSTER
    reached = assign_to_nearest(places.xy, np.flatnonzero(core), own[core], parameters.radius_m)
    return _clusters(number_clusters(reached, places.weight), core, places, parameters)


def _clusters(labels: Integers, core: Flags, places: Places, parameters: HotspotParameters) -> Clusters:
    return Clusters(labels=labels, core=core, xy=places.xy, weight=places.weight, radius_m=parameters.radius_m)
