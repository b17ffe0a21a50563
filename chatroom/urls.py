from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("chat.web.urls")),
]

handler400 = "chat.web.error_pages.bad_request"
handler403 = "chat.web.error_pages.forbidden"
handler404 = "chat.web.error_pages.not_found"
handler500 = "chat.web.error_pages.server_error"
