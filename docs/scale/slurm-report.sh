#!/bin/sh
# Merges what slurm-array.sh has left; see docs/scale.md.
#SBATCH --job-name=mxdrill-report
#SBATCH --time=00:10:00
set -eu

: "${RUNS:=$HOME/mxdrill-runs}"
mxdrill report "$RUNS"/shard-* -o "html=$RUNS/index.html,junit=$RUNS/junit.xml"
