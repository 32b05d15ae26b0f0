# %% answer-1
query_1 = """
SELECT genre, round(sum(quantity * lines.price_cents) / 100.0, 2) AS revenue
FROM lines JOIN orders ON orders.id = order_id JOIN books ON books.id = book_id
WHERE status <> 'cancelled' AND placed BETWEEN '2026-01-01' AND '2026-06-30'
GROUP BY genre ORDER BY revenue DESC
"""
ask(query_1)

# %% answer-2
query_2 = """
SELECT name, joined FROM customers
WHERE joined >= '2026-01-01' AND joined < '2027-01-01'
  AND NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id AND status <> 'cancelled')
ORDER BY joined, name
"""
ask(query_2)

# %% answer-3
query_3 = """
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
"""
ask(query_3)

# %% answer-4
query_4 = """
WITH months AS (
  SELECT substr(placed, 1, 7) AS month, sum(quantity * price_cents) / 100.0 AS revenue
  FROM lines JOIN orders ON orders.id = order_id
  WHERE status <> 'cancelled' AND placed LIKE '2026-%' GROUP BY 1
)
SELECT month, round(revenue, 2) AS revenue,
       round(100.0 * (revenue / lag(revenue) OVER (ORDER BY month) - 1), 1) AS change
FROM months ORDER BY month
"""
ask(query_4)
