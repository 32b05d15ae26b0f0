# %% answer-1
def people(visits):
    """One row a visitor that saw one checkout only."""
    seen = visits.groupby("visitor")
    return pd.DataFrame({"arm": seen.arm.first(), "bought": seen.bought.max()})[seen.arm.nunique() == 1]

# %% answer-2
def difference(visits):
    """Wald's interval, and the test with the pooled share."""
    (old, before), (new, after) = (counted(visits)[arm] for arm in ("old", "new"))
    shares = before / old, after / new
    rise = shares[1] - shares[0]
    error = np.sqrt(shares[0] * (1 - shares[0]) / old + shares[1] * (1 - shares[1]) / new)
    pooled = (before + after) / (old + new)
    z = rise / np.sqrt(pooled * (1 - pooled) * (1 / old + 1 / new))
    width = stats.norm.ppf(0.975) * error
    said = {"points": rise, "low": rise - width, "high": rise + width}
    return {name: float(100 * value) for name, value in said.items()} | {"p": float(2 * stats.norm.sf(abs(z)))}


difference(visits)

# %% answer-3
def decision(visits):
    """Where the interval lies."""
    said = difference(visits)
    return "A" if said["low"] >= 1 else "B" if said["high"] < 1 else "C"

# %% answer-4
def needed(visits):
    """Two-sided 5 %, power 80 %, each arm with its own variance."""
    old, before = counted(visits)["old"]
    share, more = before / old, before / old + 0.01
    spread = share * (1 - share) + more * (1 - more)
    return float((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) ** 2 * spread / 0.01**2)
