"""The page's texts in another language than English.

English is the source and needs no file. Any other language of the site (`LANGUAGE_CODE`) has two in
a folder of `LOCALE_PATHS`: Django's `LC_MESSAGES/django.mo` and, for the modules, `page.json`.
"""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template import Library
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

register = Library()


@register.simple_tag
def page_catalogue() -> SafeString:
    """The texts of the active language for static/js/helpers/i18n.js, which reads them first."""
    return _catalogue(get_language() or settings.LANGUAGE_CODE)


@cache
def _catalogue(language: str) -> SafeString:
    texts: dict[str, str | list[str]] = {}
    for folder in settings.LOCALE_PATHS:
        file = Path(folder, to_locale(language), "page.json")
        if file.exists():
            texts |= json.loads(file.read_text())
    return json_script(texts, "catalogue") if texts else SafeString("")
