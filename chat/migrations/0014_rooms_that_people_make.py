"""Rooms that people make: members, invitations, direct rooms (docs/adr/0034)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0013_reopened_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("room_id", models.BigIntegerField()),
                ("member_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="DirectRoom",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="direct",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                (
                    "member_set",
                    models.CharField(
                        help_text="The ids of its members in order: 3-17-20.",
                        max_length=200,
                        unique=True,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MemberBlock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("moderator", "Moderator"),
                            ("member", "Member"),
                        ],
                        default="member",
                        max_length=9,
                    ),
                ),
                (
                    "notify",
                    models.CharField(
                        choices=[("all", "All"), ("mentions", "Mentions"), ("none", "None")],
                        default="all",
                        max_length=8,
                    ),
                ),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="RoomInvitation",
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
            ],
        ),
        migrations.RemoveIndex(
            model_name="room",
            name="ruled_rooms",
        ),
        migrations.AddField(
            model_name="room",
            name="archived_at",
            field=models.DateTimeField(
                blank=True, help_text="Since when nothing is written here any more.", null=True
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="rooms_created",
                to="chat.member",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="inviters",
            field=models.CharField(
                choices=[
                    ("members", "every member"),
                    ("moderators", "owners and moderators of the room"),
                ],
                db_default="members",
                default="members",
                help_text="Who adds members and makes invitations.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="topic",
            field=models.CharField(blank=True, db_default="", default="", max_length=250),
        ),
        migrations.AddField(
            model_name="rulings",
            name="access",
            field=models.BigIntegerField(db_default=0, default=0),
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
        migrations.AlterField(
            model_name="room",
            name="kind",
            field=models.CharField(
                choices=[
                    ("public", "Public"),
                    ("private", "Private"),
                    ("direct", "Direct"),
                    ("deleted", "Deleted"),
                ],
                default="public",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(
                    ("locked", True),
                    ("slow_seconds__gt", 0),
                    ("archived_at__isnull", False),
                    _connector="OR",
                ),
                fields=["id"],
                name="rooms_with_rules",
            ),
        ),
        migrations.AddField(
            model_name="memberblock",
            name="blocked",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.member"
            ),
        ),
        migrations.AddField(
            model_name="memberblock",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="blocks", to="chat.member"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="chat.member",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="room",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="chat.room",
            ),
        ),
        migrations.AddField(
            model_name="roominvitation",
            name="creator",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.member",
            ),
        ),
        migrations.AddField(
            model_name="roominvitation",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to="chat.room",
            ),
        ),
        migrations.AddConstraint(
            model_name="memberblock",
            constraint=models.UniqueConstraint(
                fields=("member", "blocked"), name="one_block_per_pair"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                fields=("room", "member"), name="one_membership_per_room"
            ),
        ),
    ]
