-- One row an order line: a million, in five loads. Each value comes from the MD5 of the
-- row's number, so the rows are the same on every machine, version and number of threads.
WITH load(load_type, load_id, loaded_at, first_row, row_count, first_day, days) AS (
  VALUES
    ('ACTUALS',  '2026-09-20', TIMESTAMP '2026-09-20 00:02:11',      0,  90000, DATE '2024-01-01',  993),
    ('FORECAST', '2026-10-15', TIMESTAMP '2026-10-15 06:30:00',  90000,  40000, DATE '2026-10-15',   78),
    ('ACTUALS',  '2026-10-20', TIMESTAMP '2026-10-20 00:02:09', 130000, 150000, DATE '2024-01-01', 1023),
    ('FORECAST', '2026-11-15', TIMESTAMP '2026-11-15 06:30:00', 280000,  80000, DATE '2026-11-15',   47),
    ('ACTUALS',  '2026-11-20', TIMESTAMP '2026-11-20 00:02:14', 360000, 640000, DATE '2024-01-01', 1054)
),
product(number, name, cents) AS (
  VALUES
    (0, 'Aurora Pro', 129900), (1, 'Aurora Lite', 24900), (2, 'Überblick Analytics', 89000),
    (3, 'Café Suite', 45050), (4, '数据湖 Cloud', 310000), (5, 'Ωmega Sensor', 15999),
    (6, 'naïve Bayes Toolkit', 19900), (7, 'O''Neil Router', 72025), (8, 'Cables, 2 m', 1249),
    (9, 'Plan_B Backup', 38000), (10, '100% Cover', 27500), (11, 'Smörgås Bundle', 64010),
    (12, 'Niño Tablet', 33333), (13, 'Đà Nẵng Drive', 51200), (14, 'Łódź Lathe', 480075),
    (15, 'Привет Phone', 42000), (16, 'さくら Display', 58880), (17, 'Service "Gold"', 99900),
    (18, 'Service "Silver"', 59900), (19, 'Training day', 120000), (20, 'Field kit', 8450),
    (21, 'Edge Gateway', 149500), (22, 'Edge Gateway Mini', 74950), (23, 'Rack 42U', 215000)
),
place(region, countries) AS (
  VALUES
    ('EMEA', ['Germany', 'France', 'United Kingdom', 'España', 'Türkiye', 'Côte d’Ivoire', 'Österreich', 'Polska']),
    ('APAC', ['Japan', 'Australia', 'India', 'Singapore', '대한민국', 'Việt Nam', 'New Zealand', 'Indonesia']),
    ('AMER', ['United States', 'United States', 'United States', 'Canada', 'United States', 'Canada', 'United States', 'United States']),
    ('LATAM', ['Brasil', 'México', 'Perú', 'Chile', 'Argentina', 'Colombia', 'Brasil', 'México'])
),
drawn AS (
  SELECT
    n,
    md5_number_lower('sale ' || n) AS a,
    md5_number_upper('sale ' || n) AS b
  FROM range(1000000) AS row_number(n)
),
picked AS (
  SELECT
    n,
    load.*,
    CASE WHEN b & 1023 < 400 THEN 'EMEA' WHEN b & 1023 < 650 THEN 'AMER' WHEN b & 1023 < 880 THEN 'APAC' ELSE 'LATAM' END AS region,
    ((b >> 10) & 255)::INTEGER AS country_draw,
    ((b >> 18) & 255)::INTEGER AS segment_draw,
    1 + (((b >> 26) & 255) * ((b >> 26) & 255) // 1700)::INTEGER AS qty,
    ((b >> 34) & 255)::INTEGER AS discount_draw,
    ((b >> 42) & 255)::INTEGER AS renewal_draw,
    ((b >> 50) & 255)::INTEGER AS empty_draw,
    (a & 65535)::BIGINT AS price_draw,
    ((a >> 16) & 65535)::BIGINT AS cost_draw,
    ((a >> 32) & 65535)::INTEGER AS rep_draw,
    ((a >> 48) & 4095)::INTEGER AS product_draw,
    ((a >> 60) & 15)::INTEGER AS day_draw
  FROM drawn
  JOIN load ON n >= first_row AND n < first_row + row_count
),
priced AS (
  SELECT
    picked.*,
    product.name AS product,
    place.countries[1 + country_draw % 8] AS country,
    discount_draw % 7 * 5 AS discount_percent,
    product.cents * qty * (100 - discount_draw % 7 * 5) * (80000 + price_draw // 2) // 10000000 AS revenue_cents
  FROM picked
  JOIN product ON product.number = product_draw % 24
  JOIN place ON place.region = picked.region
)
SELECT
  5000000000 + n AS sale_id,
  load_type,
  load_id,
  (first_day + ((n - first_row) * (days - 15) // row_count)::INTEGER + day_draw)::DATE AS sale_date,
  region,
  CASE WHEN empty_draw <> 1 THEN country END AS country,
  CASE WHEN segment_draw < 90 THEN 'SMB' WHEN segment_draw < 160 THEN 'Enterprise' WHEN segment_draw < 210 THEN 'Public' WHEN segment_draw < 247 THEN 'Consumer' END AS segment,
  product,
  qty,
  CASE WHEN empty_draw NOT IN (2, 3, 4) THEN (CASE WHEN empty_draw = 9 THEN -1 ELSE 1 END * revenue_cents * 0.01)::DECIMAL(12, 2) END AS revenue,
  CASE WHEN empty_draw NOT IN (4, 5) THEN (revenue_cents * (20000 + cost_draw) // 100000 * 0.01)::DECIMAL(12, 2) END AS cost,
  CASE WHEN discount_draw < 243 THEN (discount_percent * 0.01)::DECIMAL(4, 2) END AS discount,
  CASE WHEN renewal_draw < 96 THEN true WHEN renewal_draw < 246 THEN false END AS is_renewal,
  CASE
    WHEN empty_draw IN (6, 7) THEN NULL
    WHEN empty_draw = 8 THEN 'REP-' || 6000 + rep_draw % 400
    ELSE 'REP-' || 1000 + rep_draw % 4600
  END AS sales_rep_id,
  loaded_at
FROM priced
ORDER BY sale_id
