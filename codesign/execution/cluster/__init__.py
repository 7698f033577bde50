"""Simulations on a Dask cluster: no file is shared, and the cache is the client's. Dask is imported when one is asked
for."""

from codesign.execution.cluster.errors import ClusterError
from codesign.execution.cluster.executor import LOCAL, Cluster

__all__ = ["LOCAL", "Cluster", "ClusterError"]
