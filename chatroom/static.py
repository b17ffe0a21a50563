"""Static files under names that carry a hash of their content, so that browsers may keep them."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Rewrites the imports between ES modules too. Needs a semicolon after every import."""

    support_js_module_import_aggregation = True
