"""A model has a name that says what it holds; its table keeps its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0014_rooms_that_people_make")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Rulings", "ChangeNumbers"),
                migrations.AlterModelTable("ChangeNumbers", "chat_rulings"),
            ]
        )
    ]
