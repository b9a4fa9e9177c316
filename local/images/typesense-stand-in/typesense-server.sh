#!/bin/sh
# Becomes the stand-in under the name and with the options of Typesense's own program.
exec node --disable-warning=ExperimentalWarning /opt/typesense-stand-in/main.ts "$@"
