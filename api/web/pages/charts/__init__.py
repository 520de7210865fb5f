"""Pictures of figures, as SVG that is coloured by `static/charts.css` and needs no script.

Each is one image to a screen reader, named by a sentence; the page has its table besides.
"""
