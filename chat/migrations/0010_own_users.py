"""The user model is ours now (docs/adr/0030). Its tables stay; what names the model is renamed.

Permissions and the admin's log refer to a model by its row among the content types. That row is
kept, so whoever held a permission over users still does.
"""

from typing import Any

from django.db import migrations


def rename(apps: Any, schema_editor: Any, old: str, new: str) -> None:
    types = apps.get_model("contenttypes", "ContentType").objects.using(
        schema_editor.connection.alias
    )
    if kept := types.filter(app_label=old, model="user").first():
        # After a `migrate` that stopped earlier Django has made one; nobody holds anything of it.
        types.filter(app_label=new, model="user").delete()
        kept.app_label = new
        kept.save(update_fields=["app_label"])


def to_chat(apps: Any, schema_editor: Any) -> None:
    rename(apps, schema_editor, "auth", "chat")


def to_auth(apps: Any, schema_editor: Any) -> None:
    rename(apps, schema_editor, "chat", "auth")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0009_confusable_names"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(to_chat, to_auth)]
