"""How many addresses lie in a shape: what the rule of eight addresses or none is asked of (``rules``)."""

import numpy as np
import numpy.typing as npt
import shapely


def count_addresses(
    shapes: npt.NDArray[np.object_], addresses: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.int64]:
    """Count the addresses in each shape, its edge included.

    Parameters
    ----------
    shapes
        Polygons in storage metres, shape (n,).
    addresses
        Easting and northing of every address, shape (m, 2), metres. None: not known, and 0 in every shape.
    """
    if addresses is None or not len(addresses) or not len(shapes):
        return np.zeros(len(shapes), dtype=np.int64)
    tree = shapely.STRtree(np.asarray(shapely.points(addresses), dtype=object))
    return np.bincount(tree.query(shapes, predicate="intersects")[0], minlength=len(shapes)).astype(np.int64)
