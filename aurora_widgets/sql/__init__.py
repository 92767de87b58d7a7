"""Documents to Ibis expressions to SQL and binds; the only room that imports Ibis."""
