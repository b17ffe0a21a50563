"""Static files under names that carry a hash of their content, compressed once when collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites the imports between ES modules too. Needs a semicolon after every import."""

    support_js_module_import_aggregation = True
