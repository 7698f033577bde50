"""The paper's figures on the mathematics, as flows: traces, convergence, gain."""
