"""The one thing that `setup.cfg` cannot say: a compiled part, used where it could be built."""

from setuptools import Extension, setup

HEADERS = ["classifier/glance.h", "classifier/words.h"]

setup(
    ext_modules=[
        Extension("classifier._kernel", ["classifier/kernel.c"], depends=HEADERS, optional=True)
    ]
)
