-- One row a person: five thousand, each in a team and, but for the first, under a manager.
WITH drawn AS (
  SELECT
    n,
    md5_number_lower('employee ' || n) AS a,
    md5_number_upper('employee ' || n) AS b
  FROM range(5000) AS row_number(n)
),
words AS (
  SELECT
    ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Eoghan', 'Fátima', 'Grace', 'Hélène', 'Ivan', 'José',
     'Katarzyna', 'Léa', 'María', 'Nguyễn', 'Øyvind', 'Priya', 'Quentin', 'René', 'Sofía', 'Tomáš',
     'Ursula', 'Věra', 'Wei', 'Xóchitl', 'Yuki', 'Zoë', '美咲', '伟', 'Ольга', 'محمد', 'Noor', 'Sam'] AS first_names,
    ['Almeida', 'Brontë', 'Çelik', 'D''Angelo', 'Eriksson', 'Fischer', 'García', 'Horváth', 'Ivanova', 'Jansen',
     'Kowalski', 'López', 'Müller', 'Núñez', 'O''Brien', 'Petrović', 'Quispe', 'Rossi', 'Smith', 'Tanaka',
     'Ünal', 'Virtanen', 'Wang', 'Xu', 'Yılmaz', 'Žižek', '佐藤', '王', 'Смирнова', 'حسن', 'Smith-Jones', 'de la Cruz'] AS last_names,
    ['EMEA North', 'EMEA South', 'EMEA Central', 'AMER East', 'AMER West', 'AMER Public', 'APAC Japan',
     'APAC South', 'LATAM São Paulo', 'LATAM México', 'Partners', 'Inside sales'] AS teams
)
SELECT
  'REP-' || 1000 + n AS employee_id,
  first_names[1 + (a & 31)::INTEGER] || ' ' || last_names[1 + ((a >> 5) & 31)::INTEGER] AS name,
  CASE WHEN ((a >> 10) & 255) < 250 THEN teams[1 + ((a >> 18) & 1023)::INTEGER % 12] END AS team,
  (DATE '2008-01-07' + ((b & 65535) % 6880)::INTEGER)::DATE AS hire_date,
  CASE WHEN n > 0 THEN 'REP-' || 1000 + (n - 1) // 9 END AS manager_id,
  CASE WHEN ((b >> 16) & 255) < 250
    THEN ((2800000 + (b >> 24) % 9200000 + CASE WHEN n < 556 THEN 3000000 ELSE 0 END)::BIGINT * 0.01)::DECIMAL(10, 2)
  END AS salary
FROM drawn, words
ORDER BY employee_id
