import django.db.models.deletion
from django.db import migrations, models

import chat.accounts.models


class Migration(migrations.Migration):
    dependencies = [("chat", "0006_time_of_the_last_number")]

    operations = [
        migrations.AddField(
            model_name="rulings",
            name="sessions",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        # New members begin elsewhere; the rows that are there stay, and with them their sessions.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="member",
                    name="session",
                    field=models.PositiveIntegerField(
                        default=chat.accounts.models.first_session,
                        help_text="Cookies that carry another number have ended.",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SessionChange",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.member",
                    ),
                ),
            ],
        ),
    ]
