from django.contrib.staticfiles.views import serve
from django.urls import path

from . import api, pages, stream

urlpatterns = [
    path("", pages.index),
    path("code/<path:name>", pages.code),
    path("static/<path:path>", serve, {"insecure": True}),
    path("api/state", api.state),
    path("api/stream", stream.stream),
    path("api/fault", api.fault),
    path("api/switch", api.switch),
    path("api/load", api.load),
    path("api/heal", api.heal),
    path("api/shown", api.shown),
    path("api/trace/<str:room>/<int:seq>", api.trace),
    path("api/labs", api.labs),
    path("api/labs/<int:number>/<str:act>", api.lab_act),
]
