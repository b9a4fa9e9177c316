#!/bin/sh
# Whether the server process answers. One that still recovers turns connections away: that is alive, however long it takes.
pg_isready --quiet --host=/var/run/postgresql --timeout=4
[ $? -lt 2 ]
