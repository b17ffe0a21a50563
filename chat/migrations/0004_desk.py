import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_moderation")]

    operations = [
        migrations.CreateModel(
            name="NodeBeat",
            fields=[
                ("node", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("connections", models.PositiveIntegerField(default=0)),
                ("members", models.PositiveIntegerField(default=0)),
                ("rooms", models.PositiveIntegerField(default=0)),
                (
                    "head_lag",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Numbers that the furthest room knows of and has not read.",
                    ),
                ),
                (
                    "degraded",
                    models.BooleanField(default=False, help_text="It hears nothing from Redis."),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("deleted", "deleted a message"),
                    ("restored", "restored a message"),
                    ("muted", "muted"),
                    ("unmuted", "ended the mute of"),
                    ("banned", "banned"),
                    ("unbanned", "ended the ban of"),
                    ("ruled", "set the rules of a room"),
                    ("appointed", "gave an office to"),
                    ("dismissed", "took the office of"),
                    ("invited", "made an invitation"),
                    ("report_closed", "closed a report"),
                    ("signed_out", "signed out"),
                    ("room_opened", "opened a room"),
                    ("room_changed", "changed a room"),
                    ("exported", "exported"),
                ],
                max_length=16,
            ),
        ),
    ]
