"""How Alembic reaches the database: always by a connection handed in by ``cs_geo.store.upgrading``."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    version_table_schema="cs_geo",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
