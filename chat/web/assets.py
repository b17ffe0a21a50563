"""The scripts and styles of a page: one bundle where the image has it, else file by file.

A bundle (deploy/bundle.js) is used where it was collected, as `dist/`. Without one the page names
each module and each style sheet, so that the chatroom runs and is developed without a build.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Library
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = Library()

_MODULE_IMPORT = re.compile(r'(?:^(?:import|export|\})[^"\n]*|\bimport\()"(\.[^"]+)"', re.M)
_STYLE_IMPORT = re.compile(r'^@import "(\.[^"]+)"', re.M)


@register.simple_tag
def styles(entry: str) -> SafeString:
    """Link a list of style sheets (`@import` and nothing else): its bundle, or each of them."""
    return _style_links(entry)


@register.simple_tag(takes_context=True)
def modules(context: dict[str, Any], entry: str) -> SafeString:
    """Start a module: its bundle, or the module with all that it imports loaded at once."""
    nonce = context["CSP_NONCE"]
    script = '<script type="module" src="{}" nonce="{}"></script>'
    if bundle := _bundle(entry):
        return format_html(script, static(bundle), nonce)
    # The map comes first: it holds for what is loaded after it.
    return format_html(
        '<script type="importmap" nonce="{}">{}</script>{}' + script,
        nonce,
        _import_map(entry),
        _preloads(entry),
        static(entry),
        nonce,
    )


def _once(function: Callable[[str], SafeString]) -> Callable[[str], SafeString]:
    """While files are edited (DEBUG) they are read for each page, else once."""
    kept = cache(function)
    return lambda entry: (function if settings.DEBUG else kept)(entry)


@_once
def _style_links(entry: str) -> SafeString:
    bundle = _bundle(entry)
    sheets = [bundle] if bundle else _sheets(entry)
    links = ((static(sheet),) for sheet in sheets)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)


@_once
def _import_map(entry: str) -> SafeString:
    """Where each module is, by the name with its hash, so that none has to be rewritten."""
    plain = {name: f"{settings.STATIC_URL}{name}" for name in _modules(entry)}
    hashed = {plain[name]: static(name) for name in plain if static(name) != plain[name]}
    return mark_safe(json.dumps({"imports": hashed}).replace("<", "\\u003c"))  # noqa: S308


@_once
def _preloads(entry: str) -> SafeString:
    """Links to all at once, so that no import waits for another file first."""
    links = ((static(name),) for name in _modules(entry) if name != entry)
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


def _bundle(entry: str) -> str | None:
    name = f"dist/{posixpath.basename(entry)}"
    return name if name in getattr(staticfiles_storage, "hashed_files", {}) else None


def _sheets(entry: str) -> Iterator[str]:
    """The sheets of a list, in its order; a list may name another list."""
    listed = _imports(entry, _STYLE_IMPORT)
    if not listed:
        yield entry
    for sheet in listed:
        yield from _sheets(sheet)


def _modules(entry: str) -> list[str]:
    """A module and all that it imports, directly or not."""
    reached = [entry]
    for module in reached:
        # A module may name another twice.
        named = dict.fromkeys(_imports(module, _MODULE_IMPORT))
        reached += [name for name in named if name not in reached]
    return reached


def _imports(name: str, pattern: re.Pattern[str]) -> list[str]:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"There is no static file {name}")
    folder = posixpath.dirname(name)
    found = pattern.findall(Path(path).read_text())
    return [posixpath.normpath(posixpath.join(folder, target)) for target in found]
