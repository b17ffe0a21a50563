from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_session_changes")]

    operations = [
        # Without a default: no row is rewritten.
        migrations.AddField(
            model_name="member",
            name="connected_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a socket of theirs was last seen open; empty once all are closed.",
                null=True,
            ),
        ),
    ]
