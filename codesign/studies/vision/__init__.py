"""Image classification with DSTD networks: accuracy against the reversal potential, the paper's Figure 5.

A flow file (`Recipe`) names a data set, a network and how it is trained. `run_sweep` trains it at every abs(E),
and judges the ideal one, unchanged, at every abs(E) too.
"""
