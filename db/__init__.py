"""The study's database: schema, migrations, records and queries. Knows nothing of the other packages."""
