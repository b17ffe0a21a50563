"""Names are compared by another form now (docs/adr/0019): it is stored anew for every member."""

from typing import Any

from django.db import migrations

from chat.accounts.confusable_names import canonical_name

CHUNK = 1000
# No name holds a private-use character, so a form that ends in one is nobody else's.
NOT_A_NAME = "\ue000"


def recompute(apps: Any, schema_editor: Any) -> None:
    """Two members who look alike now both keep their names, and nobody else gets either.

    The form goes to the one who has an office or an account, else to who came first.
    """
    members = apps.get_model("chat", "Member").objects.using(schema_editor.connection.alias)
    rows = members.values_list("pk", "name", "canonical_name", "released_at", "office", "kind")
    live: dict[str, list[tuple[bool, int]]] = {}
    forms: dict[int, tuple[str, str]] = {}
    for pk, name, known, released_at, office, kind in rows.iterator(CHUNK):
        form = canonical_name(name)
        if form != known:
            forms[pk] = known, form
        if released_at is None:
            live.setdefault(form, []).append((not office and kind == "guest", pk))
    # Nobody may have a form that another still has: first, all that change give theirs up.
    for form, holders in live.items():
        for _, pk in sorted(holders)[1:]:
            forms[pk] = "", f"{form[:100]}{NOT_A_NAME}{pk}"
    for pk in forms:
        members.filter(pk=pk).update(canonical_name=f"{NOT_A_NAME}{pk}")
    for pk, (_, form) in forms.items():
        members.filter(pk=pk).update(canonical_name=form[:128])


class Migration(migrations.Migration):
    dependencies = [("chat", "0008_connected_at")]

    operations = [migrations.RunPython(recompute, migrations.RunPython.noop, elidable=True)]
