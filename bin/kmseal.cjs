#!/usr/bin/env sh
':' //; exec node -- "$0" "$@"
// The line above is for the shell. Without the -- Node would look for options of its own behind the script's name too,
// and open the file of an --env-file before this program does.
require('../dist/start.cjs')
