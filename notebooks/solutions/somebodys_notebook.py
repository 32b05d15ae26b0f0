# %% answer-1
def income(hires, stations):
    """The last row of a station holds; a plain join counts its rentals twice."""
    joined = hires.merge(stations.drop_duplicates("station", keep="last"), on="station", how="left")
    return joined.groupby("district").fee_cents.sum() / 100

# %% answer-2
def on_day(hires, day):
    """The next midnight is another day."""
    begin = pd.Timestamp(day)
    return hires[(hires.start >= begin) & (hires.start < begin + pd.Timedelta(days=1))]

# %% answer-3
def mean_ride(hires):
    """A bicycle that is out has no length; 0 is one."""
    return hires.groupby("station").minutes.mean()

# %% answer-4
def long_share(hires, limit=60):
    """A list as a default value lives on from call to call."""
    seen = hires.minutes.dropna()
    return sum(minutes > limit for minutes in seen) / len(seen)

# %% answer-5
def busiest_hour(hires):
    """As text, "10" comes before "9"."""
    counts = hires.start.dt.hour.value_counts()
    return int(counts[counts == counts.max()].index.min())
