"""What the SDK scripts share: the prompt from the environment, one JSON document on stdout, errors as data."""

import json
import os
import sys

PROMPT = os.environ["SCRIM_TEST_PROMPT"]
WAY = sys.argv[1]
TIMEOUT = 150.0


def said(error):
    """An API error as the SDK hands it to a program."""
    return {"error": {"status": error.status_code, "message": str(error)}}


def report(ways, api_error):
    """Runs the way named on the command line and prints what it returns."""
    try:
        heard = ways[WAY]()
    except api_error as error:
        heard = said(error)
    print(json.dumps(heard))
