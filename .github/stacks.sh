#!/bin/sh
# Prints the stacks of Pulumi.STACK.yaml files as a JSON list, without those of the embedded cluster: only their files
# name its images (launcher/stack-files.ts has the same rule).
set -eu

grep -L ': *local\.bana/' Pulumi.*.yaml | sed 's/^Pulumi\.\(.*\)\.yaml$/"\1"/' | paste -s -d , - | sed 's/.*/[&]/'
