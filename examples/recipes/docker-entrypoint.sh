#!/bin/sh
# ENTRYPOINT of an image: the program of CMD gets the parameters below $PARAMETERS, takes this process over, and its
# signals are its own. Without them, it does not start.
set -eu
exec kmseal exec "${PARAMETERS:?set PARAMETERS to a path such as /app}" -- "$@"
