"""A message holds whom it names; an inbox item can be read by itself (docs/adr/0033)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_inbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="inboxhead",
            name="changes",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="inboxitem",
            name="is_read",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="message",
            name="mentions",
            field=models.JSONField(
                blank=True,
                help_text="Whom the text names:"
                ' [{"id": …, "text": …}, …]; nothing where it was not asked.',
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="inboxitem",
            name="room",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chat.room",
            ),
        ),
        migrations.AddIndex(
            model_name="inboxitem",
            index=models.Index(fields=["room", "seq"], name="inbox_items_of_message"),
        ),
    ]
