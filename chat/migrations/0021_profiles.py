"""Profiles: texts, pictures, handles and former names, beside the members (docs/adr/0051)."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0020_privacy"),
    ]

    operations = [
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="profile",
                        serialize=False,
                        to="chat.member",
                    ),
                ),
                ("pronouns", models.CharField(blank=True, default="", max_length=64)),
                ("about", models.CharField(blank=True, default="", max_length=512)),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
                ("status_emoji", models.CharField(blank=True, default="", max_length=32)),
                ("status_text", models.CharField(blank=True, default="", max_length=128)),
                ("status_until", models.DateTimeField(blank=True, null=True)),
                (
                    "picture",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="The version of the picture.",
                        max_length=16,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProfilePicture",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="chat.member",
                    ),
                ),
                ("version", models.CharField(max_length=16)),
                ("content", models.BinaryField()),
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
                    ("carried_over", "carried over the messages of"),
                    ("deletion_asked", "asked to delete"),
                    ("deletion_undone", "called off the deletion of"),
                    ("erased", "deleted"),
                    ("profile_cleared", "removed from the profile of"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="FormerName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_names",
                        to="chat.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Handle",
            fields=[
                (
                    "canonical_name",
                    models.CharField(max_length=128, primary_key=True, serialize=False),
                ),
                ("handle", models.CharField(max_length=32)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="handles",
                        to="chat.member",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("held_until", None)),
                        fields=("member",),
                        name="one_handle_per_member",
                    )
                ],
            },
        ),
    ]
