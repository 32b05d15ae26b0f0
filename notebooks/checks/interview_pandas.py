"""The hidden check of the interview "Late parcels": tables that nobody has seen, and the answer for each."""

import pandas as pd

CARRIERS = ("Albatros", "Brieftaube", "Condor", "Dohle", "Eule")


def late_share(parcels):
    """For each carrier the share of its delivered parcels that took more days than promised."""
    delivered = parcels.dropna(subset=["delivered"])
    late = (delivered.delivered - delivered.ordered).dt.days > delivered.promised_days
    return {carrier: float(share) for carrier, share in late.groupby(delivered.carrier).mean().items()}


def cases(random, count):
    """Small tidy tables: some parcels under way, some carriers never late, not every carrier in each."""
    for _ in range(count):
        carriers = random.sample(CARRIERS, random.randint(2, len(CARRIERS)))
        rows = []
        for order in range(random.randint(20, 60)):
            ordered = pd.Timestamp("2026-05-01") + pd.Timedelta(days=random.randint(0, 180))
            taken = None if random.random() < 0.15 else pd.Timedelta(days=random.randint(0, 9))
            rows.append(
                {
                    "order": 1000 + order,
                    "ordered": ordered,
                    "delivered": pd.NaT if taken is None else ordered + taken,
                    "promised_days": random.choice((2, 3, 5, 9)),
                    "warehouse": random.choice(("north", "south")),
                    "carrier": random.choice(carriers),
                    "weight_kg": round(random.uniform(0.1, 20), 2),
                    "value_eur": round(random.uniform(5, 400), 2),
                }
            )
        yield [pd.DataFrame(rows)]
