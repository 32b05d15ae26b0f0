"""The bookshop for one seed: other customers, orders and returns, the same traps; and the answers."""

import random
import sqlite3
from datetime import date, timedelta

import pandas as pd

FIRST = ["Ada", "Ben", "Chidi", "Dana", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kofi", "Lena", "Marta", "Nils", "Olga", "Pavel"]
LAST = ["Abebe", "Berger", "Costa", "Diaz", "Eriksen", "Fischer", "Gupta", "Haddad", "Ito", "Jansen", "Kaya", "Lindt", "Moreau"]
CITIES = ["Graz", "Lund", "Porto", "Utrecht"]
GENRES = {
    "crime": ["The Quiet Harbour", "Nine Keys", "A Cold Ledger", "Salt and Ash"],
    "poetry": ["Small Rooms", "Rain, Counted", "The Ninth Wave"],
    "science": ["How Maps Lie", "A Field Guide to Error", "The Patient Machine", "Why Bridges Stand"],
    "travel": ["By Slow Train", "Islands in March", "The Long Way to Trieste"],
}


def _insert(table: str, row: tuple[object, ...]) -> str:
    values = ", ".join("NULL" if v is None else f"'{v}'" if isinstance(v, str) else str(v) for v in row)
    return f"INSERT INTO {table} VALUES ({values});"


def _bookshop(rng: random.Random) -> str:
    text = [
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT, joined TEXT);",
        "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, genre TEXT, price_cents INTEGER);",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, placed TEXT, status TEXT);",
        "CREATE TABLE lines (order_id INTEGER, book_id INTEGER, quantity INTEGER, price_cents INTEGER);",
        "CREATE TABLE returns (order_id INTEGER, book_id INTEGER, quantity INTEGER, day TEXT);",
    ]
    names = rng.sample([f"{first} {last}" for first in FIRST for last in LAST], 90)
    opened = date(2025, 7, 1)
    joined = [opened + timedelta(days=rng.randrange(440)) for _ in names]
    for number, (name, day) in enumerate(zip(names, joined, strict=True), 1):
        text.append(_insert("customers", (number, name, rng.choice(CITIES), day.isoformat())))
    books = [(title, genre) for genre, titles in GENRES.items() for title in titles]
    prices = [rng.randrange(8, 30) * 100 + 90 for _ in books]
    liked = [rng.uniform(0.4, 3) for _ in books]
    for number, ((title, genre), price) in enumerate(zip(books, prices, strict=True), 1):
        text.append(_insert("books", (number, title, genre, price + 200)))
    # A third never order; of those who do, some only ever cancelled.
    buyers = rng.sample(range(len(names)), 60)
    only_cancelled = set(buyers[:8])
    order = 0
    for buyer in buyers:
        for _ in range(rng.randrange(1, 9)):
            order += 1
            placed = joined[buyer] + timedelta(days=rng.randrange(max(1, (date(2026, 10, 1) - joined[buyer]).days)))
            cancelled = buyer in only_cancelled or rng.random() < 0.12
            status = "cancelled" if cancelled else rng.choice(["paid", "shipped", "shipped"])
            text.append(_insert("orders", (order, buyer + 1, placed.isoformat(), status)))
            for book in set(rng.choices(range(len(books)), weights=liked, k=rng.randrange(1, 4))):
                quantity = rng.choice([1, 1, 1, 2, 4])
                text.append(_insert("lines", (order, book + 1, quantity, prices[book])))
                if status == "shipped" and rng.random() < 0.25:
                    # Several parcels of one line are what a plain join counts twice.
                    for piece in range(min(quantity, rng.choice([1, 2]))):
                        day = placed + timedelta(days=5 + piece)
                        text.append(_insert("returns", (order, book + 1, 1, day.isoformat())))
    return "\n".join(text) + "\n"


def make(seed: int) -> dict[str, str]:
    """The files of one candidate's task: name -> text."""
    return {"data/bookshop.sql": _bookshop(random.Random(f"bookshop {seed}"))}


def cases(random, count):
    """Bookshops that nobody has seen."""
    return [[_bookshop(random)] for _ in range(count)]


QUERIES = {
    1: """
SELECT genre, round(sum(quantity * lines.price_cents) / 100.0, 2) AS revenue
FROM lines JOIN orders ON orders.id = order_id JOIN books ON books.id = book_id
WHERE status <> 'cancelled' AND placed BETWEEN '2026-01-01' AND '2026-06-30'
GROUP BY genre ORDER BY revenue DESC
""",
    2: """
SELECT name, joined FROM customers
WHERE joined >= '2026-01-01' AND joined < '2027-01-01'
  AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id AND status <> 'cancelled')
ORDER BY joined, name
""",
    3: """
WITH out AS (
  SELECT book_id, sum(quantity) AS sold FROM lines JOIN orders ON orders.id = order_id
  WHERE status <> 'cancelled' GROUP BY book_id
), back AS (
  SELECT book_id, sum(quantity) AS returned FROM returns JOIN orders ON orders.id = order_id
  WHERE status <> 'cancelled' GROUP BY book_id
)
SELECT title, sold, coalesce(returned, 0) AS returned, sold - coalesce(returned, 0) AS net
FROM books JOIN out ON out.book_id = books.id LEFT JOIN back ON back.book_id = books.id
ORDER BY net DESC, title LIMIT 5
""",
    4: """
WITH months AS (
  SELECT substr(placed, 1, 7) AS month, sum(quantity * price_cents) / 100.0 AS revenue
  FROM lines JOIN orders ON orders.id = order_id
  WHERE status <> 'cancelled' AND placed LIKE '2026-%' GROUP BY 1
)
SELECT month, round(revenue, 2) AS revenue,
       round(100.0 * (revenue / lag(revenue) OVER (ORDER BY month) - 1), 1) AS change
FROM months ORDER BY month
""",
}


def _answer(number, dump):
    database = sqlite3.connect(":memory:")
    database.executescript(dump)
    return pd.read_sql_query(QUERIES[number], database)


def question_1(dump):
    """Revenue by genre."""
    return _answer(1, dump)


def question_2(dump):
    """Who never bought."""
    return _answer(2, dump)


def question_3(dump):
    """What really sold."""
    return _answer(3, dump)


def question_4(dump):
    """Month over month."""
    return _answer(4, dump)
