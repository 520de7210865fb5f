"""The one thing that `setup.cfg` cannot say: a compiled part, used where it could be built."""

from setuptools import Extension, setup

setup(ext_modules=[Extension("classifier._kernel", ["classifier/kernel.c"], optional=True)])
