from django.db import migrations, models

from chat import concurrent_indexes as indexes

DROP = "DROP INDEX IF EXISTS members_by_name"


def create_beside_live_traffic(apps, schema_editor):
    """On PostgreSQL without a lock that would keep anyone from joining."""
    if schema_editor.connection.vendor == "postgresql":
        definition = "chat_member (canonical_name varchar_pattern_ops)"
        indexes.create_concurrently(schema_editor, "members_by_name", definition)
    else:
        schema_editor.execute(
            "CREATE INDEX IF NOT EXISTS members_by_name ON chat_member (canonical_name)"
        )


def drop(apps, schema_editor):
    schema_editor.execute(DROP)


class Migration(migrations.Migration):
    # CREATE INDEX CONCURRENTLY cannot run in a transaction.
    atomic = False

    dependencies = [("chat", "0004_desk")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddIndex(
                    model_name="member",
                    index=models.Index(
                        fields=["canonical_name"],
                        name="members_by_name",
                        opclasses=["varchar_pattern_ops"],
                    ),
                ),
            ],
            database_operations=[migrations.RunPython(create_beside_live_traffic, drop)],
        ),
    ]
