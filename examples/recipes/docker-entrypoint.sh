#!/bin/sh
# ENTRYPOINT of an image: the program of CMD gets the parameters below $PARAMETERS, and does not start without them. It
# takes this process over where Node can do that (22.15 or later, on Linux); otherwise kmseal stays its parent, passes
# signals on, and ends with its status.
set -eu
exec kmseal exec "${PARAMETERS:?set PARAMETERS to a path such as /app}" -- "$@"
