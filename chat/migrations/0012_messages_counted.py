"""Unread messages are counted by a number that each commit raises (docs/adr/0035)."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

# Every room begins at 0, so a read marker begins as far below as there are messages after it; no
# more than are counted (chat/rooms/room_list.py).
_COUNT_UNREAD = """
UPDATE chat_readmark SET posted = -(
    SELECT count(*) FROM (
        SELECT 1 FROM chat_message
        WHERE chat_message.room_id = chat_readmark.room_id AND chat_message.seq > chat_readmark.seq
        LIMIT 101
    ) AS newer
)
"""


class Migration(migrations.Migration):
    dependencies = [("chat", "0011_plain_words")]

    operations = [
        migrations.AddField(
            model_name="readmark",
            name="moved_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
            ),
        ),
        migrations.AddField(
            model_name="readmark",
            name="posted",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="roomhead",
            name="posted",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="Counts messages and never goes back; only differences mean something.",
            ),
        ),
        migrations.RunSQL(_COUNT_UNREAD, migrations.RunSQL.noop),
    ]
