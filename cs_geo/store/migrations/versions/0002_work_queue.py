"""The tables and functions of the work queue library, of the version that the lock file pins.

A newer version of the library with another schema needs a further revision here.
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the queue's tables in our schema and let the app use them."""
    connection = op.get_bind()
    connection.exec_driver_sql("SET LOCAL search_path TO cs_geo, public")
    # The driver reads a lone % as a placeholder.
    connection.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    connection.exec_driver_sql("""
        GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_workers,
            procrastinate_periodic_defers TO cs_geo_app;
        GRANT USAGE ON ALL SEQUENCES IN SCHEMA cs_geo TO cs_geo_app;
        SET LOCAL search_path TO DEFAULT;
    """)


def downgrade() -> None:
    """Restore a backup instead."""
    raise NotImplementedError("Restore a backup instead.")
