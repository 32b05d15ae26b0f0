"""Asks code from outside, inside a box: runs a notebook from the top and calls one of its functions; or has a
reference make cases with their answers, or a session's files. A plain file for the kernels' environment.

Orders come as JSON lines on standard input, answers go as JSON lines to standard output; what the code itself prints
goes nowhere. Nothing here is trusted by whoever asks: it shares its process with the code.
"""

# mypy: ignore-errors
# ruff: noqa: ANN001, ANN003, ANN201, ANN202, S301, S311

import base64
import copy
import io
import json
import math
import os
import pickle
import random
import sys

# Magics of a room that mean nothing here: there is no door.
_PASSED_OVER = ("piston", "check", "pip", "conda", "mamba", "uv")


def encode(value):
    """A value as plain data with its type beside it. What has no plain form is named and equals nothing."""
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    plain = {bool: "bool", int: "int", float: "float", str: "str", list: "list", tuple: "tuple", dict: "dict"}
    kind = "none" if value is None else plain.get(type(value), "other")
    if kind in ("none", "bool", "str"):
        return {"t": kind, "v": value}
    if kind in ("int", "float"):
        return {"t": kind, "v": str(value) if kind == "int" else repr(value)}
    if kind in ("list", "tuple"):
        return {"t": kind, "v": [encode(one) for one in value]}
    if kind == "dict":
        return {"t": kind, "v": [[encode(key), encode(one)] for key, one in value.items()]}
    if type(value) in (set, frozenset):
        return {"t": "set", "v": [encode(one) for one in value]}
    return _table(value)


def _table(value):
    name = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
    if name == "numpy.ndarray":
        return {"t": "array", "v": [encode(one) for one in value.tolist()]}
    if name == "pandas.Series":
        return {"t": "series", "index": _column(value.index), "v": _column(value)}
    if name == "pandas.DataFrame":
        columns = [[encode(column), _column(value.iloc[:, i])] for i, column in enumerate(value.columns)]
        return {"t": "frame", "index": _column(value.index), "v": columns}
    if name in ("pandas.Timestamp", "pandas.Timedelta"):
        return {"t": "time", "v": value.isoformat()}
    if name in ("pandas.NaTType", "pandas.NAType"):
        return {"t": "na", "v": None}
    return {"t": "other", "v": name}


def _column(values):
    return [encode(one) for one in values.tolist()] if hasattr(values, "tolist") else [encode(one) for one in values]


def _say(answers, **said):
    answers.write(json.dumps(said) + "\n")
    answers.flush()


def _notebook(order, questions, answers):
    """Run the cells, say whether the function is there, then be asked, once."""
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415 - only notebooks need it
    from traitlets.config import Config  # noqa: PLC0415

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    for name in _PASSED_OVER:
        shell.register_magic_function(lambda line, cell=None: None, "line_cell", name)  # noqa: ARG005
    failed = [i for i, source in enumerate(order["cells"]) if not shell.run_cell(source, store_history=False).success]
    _say(answers, ready=callable(shell.user_ns.get(order["function"])), failed=failed)
    question = json.loads(questions.readline())
    if "csv" in question:
        import pandas  # noqa: PLC0415

        given = [pandas.read_csv(io.StringIO(question["csv"]))]
    else:
        given = pickle.loads(base64.b64decode(question["args"]))
    value = shell.user_ns[order["function"]](*given)
    _say(answers, nonce=question["nonce"], value=encode(value))


def _reference(order, _questions, answers):
    """Make cases and answer them: the house's own code, in a box of its own."""
    names = {"math": math}
    exec(compile(order["source"], "reference.py", "exec"), names)  # noqa: S102 - that is what it is for
    found = []
    make = names.get("cases_" + order["function"]) or names["cases"]
    for given in make(random.Random(order["seed"]), order["cases"]):
        arguments = list(given)
        packed = base64.b64encode(pickle.dumps(arguments)).decode()
        expected = encode(names[order["function"]](*copy.deepcopy(arguments)))
        texts = [one for one in arguments if isinstance(one, str)]  # a program's input, which is not pickled
        found.append({"args": packed, "texts": texts, "expected": expected})
    _say(answers, cases=found)


def _files(order, _questions, answers):
    """Make the files of one session: the house's own code, in a box of its own."""
    names = {}
    exec(compile(order["source"], "maker.py", "exec"), names)  # noqa: S102 - that is what it is for
    _say(answers, files=names["make"](order["seed"]))


_WORK = {"notebook": _notebook, "reference": _reference, "files": _files}


def main():
    """Do as ordered."""
    questions, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    # The house's own errors are for the operator; a notebook's prints are nobody's.
    order = json.loads(questions.readline())
    for handle in (0, 1, 2) if order["do"] == "notebook" else (0, 1):
        os.dup2(nowhere, handle)
    sys.path.insert(0, "")
    _WORK[order["do"]](order, questions, answers)


if __name__ == "__main__":
    main()
