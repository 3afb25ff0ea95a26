"""Imports what its requirements.txt does not name."""

import yaml


def handler(event, context):
    return yaml.__version__
