from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin, with a front page of ours."""

    default_site = "chat.admin_site.DeskSite"
