from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone with a password: today those of the admin (docs/adr/0030).

    The tables are those of Django's own user model, which it replaced.
    """

    # Of the type that the column has, and first among the fields.
    id = models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")

    class Meta(AbstractUser.Meta):
        db_table = "auth_user"
