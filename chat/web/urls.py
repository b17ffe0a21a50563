from django.urls import path

from . import api_views, invite_views, moderation_views, site_picture, views

urlpatterns = [
    path("", views.home, name="home"),
    path("join/", views.join, name="join"),
    path("leave/", views.leave, name="leave"),
    path("rename/", views.rename, name="rename"),
    path("rooms/<slug:key>/", views.room, name="room"),
    path("rooms/<slug:key>/qr.svg", views.room_qr_code, name="room_qr_code"),
    path("rooms/<slug:key>/messages/", views.post_message, name="post_message"),
    path("rooms/<slug:key>/<int:seq>/", views.message, name="message"),
    path("rooms/<slug:key>/missed/<int:since>/", api_views.missed, name="missed"),
    path("rooms/<slug:key>/restorable/", api_views.restorable, name="restorable"),
    path("site-picture/<slug:digest>", site_picture.site_picture, name="site_picture"),
    path("emoji.json", api_views.emoji, name="emoji"),
    path("reports/", moderation_views.reports_page, name="reports"),
    path("invite/<str:token>/", invite_views.invite, name="invite"),
    path("invite/<str:token>/qr.svg", invite_views.qr_code, name="invite_qr_code"),
    path("invitations/<str:token>/", moderation_views.invitation, name="invitation"),
]
