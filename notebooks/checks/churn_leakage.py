"""Customers for one seed: two columns know the future, and households leave together; and the answers."""

import io
import math
import random

import pandas as pd
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

COLUMNS = "customer,household,months,monthly_fee,data_gb,complaints,contract,retention_offers,final_bill_eur,region"
CONTRACTS = {"monthly": 0.9, "yearly": 0.0, "two_years": -0.9}


def _people(rng: random.Random, count: int, first: int, *, today: bool) -> list[tuple[str, int]]:
    """Rows and whether each left. `today`: seen after the fact, so that two columns know it."""
    rows = []
    number, household = first, first * 10
    while len(rows) < count:
        household += 1
        contract = rng.choices(list(CONTRACTS), weights=[5, 3, 2])[0]
        months = rng.randrange(1, 96)
        region = rng.choice(["north", "south", "islands"])
        shared = rng.gauss(0, 0.6)
        fee = round(rng.uniform(9, 60), 2)
        for _ in range(rng.choices([1, 2, 3], weights=[6, 3, 1])[0]):
            number += 1
            complaints = min(9, int(rng.expovariate(1.1)))
            data = round(rng.lognormvariate(2.2, 0.7), 1)
            score = -1.5 + CONTRACTS[contract] + 0.75 * complaints - 0.022 * months + 0.02 * (fee - 30) + shared
            left = int(rng.random() < 1 / (1 + math.exp(-score)))
            offers = (rng.choice([1, 1, 2, 3]) if rng.random() < 0.85 else 0) if left and today else int(rng.random() < 0.03)
            bill = round(rng.uniform(5, 90), 2) if left and today and rng.random() < 0.9 else 0.0
            row = (number, household, months, fee, data, complaints, contract, offers, bill, region)
            rows.append((",".join(map(str, row)), left))
    return rows[:count]


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text. What starts with `holdout/` stays outside."""
    rng = random.Random(f"churn {seed}")
    known = _people(rng, 2400, 10_000, today=True)
    new = _people(rng, 1600, 50_000, today=False)
    return {
        "data/customers.csv": f"{COLUMNS},left\n" + "".join(f"{row},{left}\n" for row, left in known),
        "data/new_customers.csv": f"{COLUMNS}\n" + "".join(f"{row}\n" for row, _ in new),
        "holdout/left.csv": f"{COLUMNS},left\n" + "".join(f"{row},{left}\n" for row, left in new),
    }


def cases_leaks(random, count):
    """Nothing is given."""
    return [[]]


def cases(random, count):
    """Customers that nobody has seen."""
    for _ in range(count):
        rows = _people(random, 900, 10_000, today=True)
        text = f"{COLUMNS},left\n" + "".join(f"{row},{left}\n" for row, left in rows)
        yield [pd.read_csv(io.StringIO(text))]


def leaks():
    """Offers and closing bills come after the customer has said that they leave."""
    return ["final_bill_eur", "retention_offers"]


def honest(customers):
    """Households stay together."""
    known = customers[["months", "monthly_fee", "data_gb", "complaints"]]
    folds = {"groups": customers.household, "cv": GroupKFold(5), "scoring": "roc_auc"}
    model = DecisionTreeClassifier(min_samples_leaf=15, random_state=0)
    return float(cross_val_score(model, known, customers.left, **folds).mean())
