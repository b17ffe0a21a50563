from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from ..accounts.users import User

admin.site.register(User, UserAdmin)
