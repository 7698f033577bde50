# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A neuron model from simulation
#
# Simulate small random networks of a design, fit the neuron model to their membranes and spike times, and look at it.
# The simulations take about a minute on two cores, and no time when the notebook is run again: results are cached.

# %%
import matplotlib.pyplot as plt
import numpy as np

import codesign

design = codesign.load_design("../flows/5-5-5.toml").at(temperature=50)

# %% [markdown]
# ## Extract
#
# Eight networks are the fewest that make a sound fit; 16, the default, give narrower intervals.

# %%
with codesign.Session(workers=2, progress=False) as session:
    extraction = codesign.extract(design, networks=8, session=session)
extraction

# %% [markdown]
# Left, the membranes with the fitted model dashed, and what the fit leaves. Middle, the spike times. Right, the DC
# current of one unit cell of each sign: its slope is the reversal potential.

# %%
extraction.plot()

# %% [markdown]
# ## Does it agree with direct measurements?
#
# The reversal potentials and unit currents are also measured by a DC sweep, which took no part in the fit.

# %%
model = extraction.model
for name, fitted in [("positive", model.e_rev_pos), ("negative", model.e_rev_neg)]:
    direct = extraction.check.sweeps[name].e_rev
    print(f"E, {name}: fit {fitted.value:.3f} ± {fitted.interval:.3f} V, DC sweep {direct:.3f} V")

# %% [markdown]
# ## What the reversal potentials are worth
#
# The same data, fitted by the strongest model with ideal synapses (E = infinity, all else free):

# %%
swing = model.scale.swing
print(f"residual of the fitted model {extraction.fit.rmse * swing * 1e3:.2f} mV")
print(f"residual of the ideal model  {extraction.ideal.rmse * swing * 1e3:.2f} mV")

# %% [markdown]
# The current of one unit cell over the membrane, in the current at the starting level. An ideal cell would be a
# horizontal line.

# %%
normalised = model.normalised()
membrane = np.linspace(normalised.v_min, normalised.v_max, 100)
figure, panel = plt.subplots(layout="constrained")
for label, e, kappa in [
    ("positive", normalised.e_pos, normalised.kappa_pos),
    ("negative", normalised.e_neg, normalised.kappa_neg),
]:
    panel.plot(membrane * swing, 1 - membrane / e + kappa * membrane**2, label=f"{label} cell")
panel.axhline(1, linestyle=":", color="black")
panel.set_xlabel("membrane from the starting level, V")
panel.set_ylabel("current of a unit cell, relative")
panel.legend()
plt.show()
