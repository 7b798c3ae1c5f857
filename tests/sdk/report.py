"""What the SDK scripts share: the prompt from the environment, one JSON document for all ways asked, errors as data."""

import json
import os
import sys

PROMPT = os.environ["SCRIM_TEST_PROMPT"]
TIMEOUT = 150.0


def said(error):
    """An API error as the SDK hands it to a program."""
    return {"error": {"status": error.status_code, "message": str(error)}}


def report(ways, api_error):
    """Goes the ways named on the command line and prints what each returned."""
    heard = {}
    for way in sys.argv[1:]:
        try:
            heard[way] = ways[way]()
        except api_error as error:
            heard[way] = said(error)
    print(json.dumps(heard))
