#!/bin/sh
# One task a shard; see docs/scale.md.
#SBATCH --job-name=mxdrill
#SBATCH --array=1-100
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
#SBATCH --time=01:00:00
set -eu

: "${RUNS:=$HOME/mxdrill-runs}"		# shared by all nodes
: "${MXDRILL_MTA:=postfix}"
: "${MXDRILL_SELECT=}"			# empty: every scenario

# shellcheck disable=SC2086
mxdrill run $MXDRILL_SELECT --mta "$MXDRILL_MTA" --shard auto --timeout 5m \
    --out "$RUNS/shard-$SLURM_ARRAY_TASK_ID"
