"""The entry of Convergence, as pure functions: completion, effects, comparisons, slippage, referentials."""
