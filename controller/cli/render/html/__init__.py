"""The pages of ``calendar --html`` and ``compare --html``: Jinja2 templates, and their parts in SVG."""
