"""The web pages: views, forms and URLs."""
