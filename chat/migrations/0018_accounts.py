"""Accounts: users of members, their devices, and the ways to sign in (docs/adr/0048)."""

from typing import Any

import chat.accounts.account_models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class AddMember(migrations.AddField):
    """On SQLite Django would make the table of users anew, and give the ids of deleted users to
    new ones.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, *states)
            return
        schema_editor.execute("ALTER TABLE auth_user ADD COLUMN member_id bigint NULL")
        schema_editor.execute("CREATE UNIQUE INDEX auth_user_member_id ON auth_user (member_id)")

    def database_backwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_backwards(app_label, schema_editor, *states)
            return
        schema_editor.execute("DROP INDEX auth_user_member_id")
        schema_editor.execute("ALTER TABLE auth_user DROP COLUMN member_id")


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0017_whom_messages_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsedChallenge",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        AddMember(
            model_name="user",
            name="member",
            field=models.OneToOneField(
                blank=True,
                db_constraint=False,
                editable=False,
                help_text="Who this is in the rooms; empty for those who only use the admin.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="user",
                to="chat.member",
            ),
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
                    ("appointed", "gave a role to"),
                    ("dismissed", "removed the role of"),
                    ("invited", "made an invitation"),
                    ("report_closed", "dismissed a report"),
                    ("report_reopened", "reopened a report"),
                    ("signed_out", "signed out"),
                    ("disabled", "disabled the account of"),
                    ("enabled", "enabled the account of"),
                    ("recovery_link", "made a recovery link for"),
                    ("room_opened", "opened a room"),
                    ("room_changed", "changed a room"),
                    ("room_archived", "archived a room"),
                    ("room_restored", "restored an archived room"),
                    ("room_deleted", "deleted a room"),
                    ("member_added", "added to a room"),
                    ("member_removed", "removed from a room"),
                    ("invite_revoked", "revoked an invitation"),
                    ("exported", "exported"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        default=chat.accounts.account_models.random_id,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("label", models.CharField(max_length=80)),
                ("signed_in_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to="chat.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "credential_id",
                    models.CharField(help_text="As base64url.", max_length=1400, unique=True),
                ),
                (
                    "credential",
                    models.BinaryField(
                        help_text="Id, model and public key, as WebAuthn encodes them."
                    ),
                ),
                ("sign_count", models.BigIntegerField(default=0)),
                ("label", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passkeys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SignInLink",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("device", "Device"), ("recovery", "Recovery")], max_length=8
                    ),
                ),
                ("until", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("device_id", models.BigIntegerField(null=True)),
                ("asked_by", models.CharField(blank=True, max_length=80)),
                ("asked_from", models.CharField(blank=True, max_length=64)),
                ("asker_digest", models.CharField(blank=True, max_length=64)),
                ("granted_at", models.DateTimeField(blank=True, null=True)),
                ("refused_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_in_links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
