"""The packages: those under `codesign/`, and the processes' data in `pdk/` as `codesign.pdk.processes`."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["codesign*"]), "codesign.pdk.processes"])
