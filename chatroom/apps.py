from django.contrib.admin.apps import AdminConfig


class ChatAdminConfig(AdminConfig):
    """Django's admin, with a front page of ours."""

    default_site = "chat.admin_site.ChatAdminSite"
