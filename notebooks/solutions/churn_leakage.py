# %% answer-1
def leaks():
    """Offers and closing bills come after the customer has said that they leave."""
    return ["final_bill_eur", "retention_offers"]

# %% answer-2
from sklearn.model_selection import GroupKFold


def honest(customers):
    """Households stay together."""
    known = customers[["months", "monthly_fee", "data_gb", "complaints"]]
    folds = {"groups": customers.household, "cv": GroupKFold(5), "scoring": "roc_auc"}
    model = DecisionTreeClassifier(min_samples_leaf=15, random_state=0)
    return float(cross_val_score(model, known, customers.left, **folds).mean())

# %% answer-3
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def features(table):
    """What is known on the day of the call."""
    contracts = {f"contract {name}": table.contract == name for name in ("monthly", "yearly", "two_years")}
    return table[["months", "monthly_fee", "complaints"]].assign(**contracts).astype(float)


model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features(customers), customers.left)


def chance(new_customers):
    """A logistic regression on what is known: few customers, few columns."""
    return list(model.predict_proba(features(new_customers))[:, 1])
