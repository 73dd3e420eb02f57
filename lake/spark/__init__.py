"""Another engine on the same tables: Spark Connect, on a cluster or embedded.

A question is written once, in Polars. Its plan is read after Polars has optimised it, and the largest part of it that
Spark computes alike runs there, over the same versions of the same tables (:mod:`lake.spark.plan`); Polars goes on with
what comes back. What is not translated is never approximated: it stays on Polars.
"""
