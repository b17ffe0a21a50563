from django.contrib.admin.apps import AdminConfig


class ChatAdminConfig(AdminConfig):
    """Django's admin with our site class, which adds a dashboard."""

    default_site = "chat.admin_site.ChatAdminSite"
