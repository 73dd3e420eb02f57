"""The entry of Convergence: services, answers in draft, validated versions, plans, grants, seals."""
