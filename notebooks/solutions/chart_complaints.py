# %% answer-1
def supported():
    """The picture shows which bar is the longest, and nothing else: its axis is cut, and it knows no customers and no months."""
    return {"A"}

# %% answer-2
def rates(complaints):
    """Sums before the division: a month with more customers counts more."""
    by_region = complaints.groupby("region")
    found = by_region.complaints.sum() / by_region.customers.sum() * 1000
    return {region: float(rate) for region, rate in found.items()}


def worst(complaints):
    """The highest rate."""
    found = rates(complaints)
    return max(found, key=found.get)


def rising(complaints):
    """The last three months against the first three."""
    months = sorted(complaints.month.unique())
    early = rates(complaints[complaints.month.isin(months[:3])])
    late = rates(complaints[complaints.month.isin(months[-3:])])
    return sorted(region for region in late if late[region] >= 1.1 * early[region])

# %% answer-3
def picture(complaints):
    """One bar for each region, from zero, the unit on its axis."""
    figure, ax = plt.subplots(figsize=(6, 3))
    pd.Series(rates(complaints)).sort_values().plot.barh(ax=ax, color="tab:blue")
    ax.set(
        title="Complaints by region, January to October 2026",
        xlabel="complaints per 1,000 customers and month",
        ylabel="",
        xlim=(0, None),
    )
    return figure


picture(complaints)
plt.show()
