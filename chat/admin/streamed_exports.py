"""Exports of admin lists as files, streamed in chunks, so that memory does not grow with them."""

import csv
from collections.abc import AsyncIterator, Callable
from io import SEEK_END, StringIO
from typing import Any

import msgspec
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from ..maintenance.csv_archive import BYTE_ORDER_MARK, cell
from ..moderation.audit import record
from ..moderation.models import AuditEntry
from .keyset import AFTER, BEFORE, KeysetAdmin, actor_of_request

# Rows read at once.
CHUNK = 2000

Rows = list[dict[str, Any]]


class ExportingAdmin(KeysetAdmin):
    """Exports the selected rows, or all rows of the filtered list, as CSV or JSON Lines."""

    # The columns of the file, as lookups.
    exported: tuple[str, ...] = ()
    actions: Any = ("export_csv", "export_json_lines")
    change_list_template = "admin/chat/exportable_list.html"

    @admin.action(description="Export as CSV")
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> StreamingHttpResponse:
        return self._export(request, queryset, "csv")

    @admin.action(description="Export as JSON Lines")
    def export_json_lines(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> StreamingHttpResponse:
        return self._export(request, queryset, "jsonl")

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export_all)
        return [path("export/<str:form>/", view, name=name), *super().get_urls()]

    def export_all(self, request: HttpRequest, form: str) -> StreamingHttpResponse:
        """Export all rows of the filtered list, not only those of the page."""
        if form not in _FORMS:
            raise Http404(f"There are no exports as {form}.")
        listed = self.get_changelist_instance(request)
        return self._export(request, listed.get_queryset(request), form)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        filters = request.GET.copy()
        for name in (BEFORE, AFTER):
            filters.pop(name, None)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_export"
        links = [
            (label, f"{reverse(name, args=[form])}?{urlencode(filters, doseq=True)}")
            for label, form in (("Export all as CSV", "csv"), ("… as JSON Lines", "jsonl"))
        ]
        return super().changelist_view(request, {"exports": links, **(extra_context or {})})

    def _export(
        self, request: HttpRequest, queryset: QuerySet[Any], form: str
    ) -> StreamingHttpResponse:
        write, media_type = _FORMS[form]
        name = str(self.opts.verbose_name_plural).replace(" ", "-")
        # An export of people's messages goes into the audit record.
        record(
            actor_of_request(request),
            AuditEntry.Action.EXPORTED,
            what=name,
            filters=dict(request.GET),
        )
        return StreamingHttpResponse(
            _streamed(write, queryset, self.key_of(request), self.exported),
            content_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'},
        )


async def _streamed(
    write: Callable[[Rows, bool], str], queryset: QuerySet[Any], key: str, fields: tuple[str, ...]
) -> AsyncIterator[str]:
    """Each chunk starts after the last row of the one before, so no cursor stays open."""
    rows = queryset.order_by(f"-{key}")
    last: int | None = None
    while True:
        chunk, last_read = await sync_to_async(_read)(rows, key, fields, last)
        yield write(chunk, last is None)
        if last_read is None:
            return
        last = last_read


def _read(
    rows: QuerySet[Any], key: str, fields: tuple[str, ...], last: int | None
) -> tuple[Rows, int | None]:
    if last is not None:
        rows = rows.filter(**{f"{key}__lt": last})
    chunk = list(rows.values_list(key, *fields)[:CHUNK])
    read = [dict(zip(fields, row[1:], strict=True)) for row in chunk]
    return read, chunk[-1][0] if len(chunk) == CHUNK else None


def _csv(rows: Rows, first: bool) -> str:
    out = StringIO(BYTE_ORDER_MARK.decode() if first else "")
    out.seek(0, SEEK_END)
    writer = csv.writer(out)
    if first and rows:
        writer.writerow(rows[0])
    for row in rows:
        writer.writerow(map(cell, row.values()))
    return out.getvalue()


def _json_lines(rows: Rows, first: bool) -> str:
    return "".join(f"{msgspec.json.encode(row).decode()}\n" for row in rows)


_FORMS: dict[str, tuple[Callable[[Rows, bool], str], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "jsonl": (_json_lines, "application/jsonl; charset=utf-8"),
}
