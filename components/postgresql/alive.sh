#!/bin/sh
# Passes if the server process answers. A server that is still recovering rejects connections; that counts as alive, for
# any time.
pg_isready --quiet --host=/var/run/postgresql --timeout=4
[ $? -lt 2 ]
