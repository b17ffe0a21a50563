from django.urls import path

from . import views, views_data, views_desk

urlpatterns = [
    path("", views.home, name="home"),
    path("join/", views.join, name="join"),
    path("leave/", views.leave, name="leave"),
    path("rename/", views.rename, name="rename"),
    path("rooms/<slug:key>/", views.room, name="room"),
    path("rooms/<slug:key>/messages/", views.post_message, name="post_message"),
    path("rooms/<slug:key>/<int:seq>/", views.message, name="message"),
    path("rooms/<slug:key>/missed/<int:since>/", views_data.missed, name="missed"),
    path("rooms/<slug:key>/restorable/", views_data.restorable, name="restorable"),
    path("emoji.json", views_data.emoji, name="emoji"),
    path("reports/", views_desk.reports_page, name="reports"),
    path("invitations/<str:token>/", views_desk.invitation, name="invitation"),
]
