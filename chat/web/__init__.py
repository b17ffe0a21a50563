"""The pages: views, forms, urls."""
