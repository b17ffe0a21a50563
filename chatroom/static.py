"""Static files: their names carry a hash of the content, and they are compressed when collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites imports between ES modules too. Every import needs a semicolon for that."""

    support_js_module_import_aggregation = True
