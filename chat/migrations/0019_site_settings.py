"""Site settings, invitations into the site, accepted rules, the queue of newcomers (docs/adr/0052)."""

import chat.accounts.site_models
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0018_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Newcomer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("name", models.CharField(max_length=64)),
                ("note", models.CharField(blank=True, max_length=280)),
                ("address_hash", models.CharField(blank=True, editable=False, max_length=32)),
                ("rules_version", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("until", models.DateTimeField(db_index=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "Approved"), ("refused", "Refused")],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("member_id", models.BigIntegerField(blank=True, editable=False, null=True)),
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
                    ("site_changed", "changed the site settings"),
                    ("let_in", "let in"),
                    ("kept_out", "refused to let in"),
                    ("waits_again", "took back the decision about"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="SiteInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "uses_left",
                    models.PositiveIntegerField(
                        blank=True, help_text="Empty: any number.", null=True
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "creator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="chat.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SiteSettings",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "name",
                    models.CharField(blank=True, help_text="Empty: SITE_NAME.", max_length=64),
                ),
                (
                    "picture",
                    models.BinaryField(
                        blank=True,
                        editable=True,
                        help_text="PNG, JPEG or WebP, square, at most 256 KiB. None: SITE_PICTURE.",
                        null=True,
                    ),
                ),
                (
                    "who_may_come_in",
                    models.CharField(
                        choices=[
                            ("anyone", "anyone, by a name"),
                            ("invited", "by invitation"),
                            ("accounts", "accounts only"),
                            ("sso", "single sign-on only"),
                        ],
                        default="anyone",
                        help_text="Who is in already stays in.",
                        max_length=8,
                    ),
                ),
                (
                    "allowed_domains",
                    models.TextField(
                        blank=True,
                        help_text="Single sign-on: only addresses of these domains, one a line. None: all.",
                        validators=[chat.accounts.site_models.check_domains],
                    ),
                ),
                (
                    "approval",
                    models.BooleanField(
                        default=False,
                        help_text="Newcomers wait until a moderator lets them in. Invited ones do not.",
                    ),
                ),
                (
                    "guests_read_only",
                    models.BooleanField(
                        default=False, help_text="Guests read; who keeps the name writes."
                    ),
                ),
                (
                    "visitors_read",
                    models.BooleanField(
                        default=True, help_text="People without a name read public rooms."
                    ),
                ),
                (
                    "rooms_created_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("everyone", "everyone"),
                            ("accounts", "accounts and moderators"),
                            ("moderators", "moderators"),
                        ],
                        help_text="Empty: ROOMS_CREATED_BY.",
                        max_length=10,
                        verbose_name="who may make rooms",
                    ),
                ),
                (
                    "welcome",
                    models.TextField(
                        blank=True,
                        help_text="Shown to those who join, and in the lobby while it is empty.",
                        max_length=4000,
                    ),
                ),
                (
                    "rules",
                    models.TextField(
                        blank=True,
                        help_text="Accepted by everyone who joins. Another text is asked for again.",
                        max_length=4000,
                    ),
                ),
                ("rules_version", models.PositiveIntegerField(default=0, editable=False)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name_plural": "site settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="one_row_of_site_settings"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RulesAccepted",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
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
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "version"), name="rules_accepted_once_per_version"
                    )
                ],
            },
        ),
    ]
