"""Run by alembic: applies the versions on the connection the store hands over, inside its transaction."""

from alembic import context

from corpora.tables import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
