from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("chat.urls")),
]

handler400 = "chat.error_pages.bad_request"
handler403 = "chat.error_pages.forbidden"
handler404 = "chat.error_pages.not_found"
handler500 = "chat.error_pages.server_error"
