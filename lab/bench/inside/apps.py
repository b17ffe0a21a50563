from django.apps import AppConfig


class InsideConfig(AppConfig):
    name = "lab.bench.inside"
    label = "lab_inside"
