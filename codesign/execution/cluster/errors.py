"""What can go wrong with a cluster."""

from codesign.errors import CodesignError


class ClusterError(CodesignError):
    """There is no cluster, it went away, or none of its workers is fit."""
