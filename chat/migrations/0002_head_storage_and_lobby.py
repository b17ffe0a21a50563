from django.db import migrations


def keep_head_updates_in_page(apps, schema_editor):
    """Every commit updates a RoomHead: leave room in its page, and vacuum it early."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER TABLE chat_roomhead SET (fillfactor = 50,"
            " autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 100)"
        )


def open_lobby(apps, schema_editor):
    """The global room is there from the first day."""
    room, created = apps.get_model("chat", "Room").objects.get_or_create(
        key="lobby", defaults={"name": "Lobby", "kind": "public"}
    )
    if created:
        apps.get_model("chat", "RoomHead").objects.create(room=room)


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        migrations.RunPython(keep_head_updates_in_page, migrations.RunPython.noop),
        migrations.RunPython(open_lobby, migrations.RunPython.noop),
    ]
