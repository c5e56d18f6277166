#!/bin/sh
# docs/ci and docs/scale: the shell steps are taken out of the files and run
# word by word, each shard and the report, with the variables that the CI
# system sets.  The selection is small and the MTA is refmta.
. "$(dirname "$0")/lib.sh"

export MXDRILL_URL="file://$top" MXDRILL_MTA=reference:bug=q267245-drop
export MXDRILL_SELECT="seed/ip-refused-and-other-undetermined/
    session/greeting-of-three-lines"

# steps FILE WHERE: the shell scripts of a YAML file below a path of keys,
# each preceded by a line of its own.
steps()
{
	python3 - "$1" "$2" <<-'!'
	import sys, yaml
	docs = list(yaml.safe_load_all(open(sys.argv[1])))
	def walk(node, path):
	    for key in path:
	        node = node[int(key)] if isinstance(node, list) else node[key]
	    return node
	for doc in docs:
	    try:
	        found = walk(doc, sys.argv[2].split("."))
	    except (KeyError, IndexError):
	        continue
	    for step in found:
	        if isinstance(step, str):
	            print(step)
	        elif "run" in step:
	            print(step["run"])
	!
}

# What stands between ''' in a Jenkinsfile, from the given line on.
jenkins_steps()
{
	sed -n "/stage('$1')/,/stage('$2')/p" "$top/docs/ci/Jenkinsfile" |
	    awk -v q="'''" '
		index($0, "sh " q) { on = 1; next }
		index($0, q) { on = 0; next }
		on { print }'
}

# A checkout of somebody who tests an MTA: mxdrill is already built in it.
checkout()
{
	rm -rf "$tmp/$1"
	mkdir -p "$tmp/$1/ci/known"
	ln -s "$top" "$tmp/$1/mxdrill"
	cat >"$tmp/$1/ci/known/reference.known" <<-!
	- id: seed/ip-refused-and-other-undetermined/
	  mta: $MXDRILL_MTA
	  outcome: silent-drop
	  reason: KB Q267245, which this example is about
	!
	cd "$tmp/$1" || exit 1
}

# The report must be of all seven scenarios, known failures known.
good_report()
{
	[ -s report/summary.md ] && [ -s report/index.html ] || return 1
	xmllint --noout report/junit.xml || return 1
	same 7 "$(xmllint --xpath 'count(//testcase)' report/junit.xml)" &&
	    same 0 "$(xmllint --xpath 'count(//failure | //error)' \
	    report/junit.xml)"
}

github()
{
	checkout github
	f=$top/docs/ci/github-actions.yml
	steps "$f" jobs.scenarios.steps >../github.shard
	steps "$f" jobs.report.steps >../github.report
	grep -q 'mxdrill run' ../github.shard &&
	    grep -q 'mxdrill report' ../github.report || return 1
	export MXDRILL_SHARD_COUNT=4
	for MXDRILL_SHARD_INDEX in 1 2 3 4; do
		export MXDRILL_SHARD_INDEX
		sh -e ../github.shard || return 1
	done
	unset MXDRILL_SHARD_INDEX MXDRILL_SHARD_COUNT
	GITHUB_STEP_SUMMARY=$PWD/summary sh -e ../github.report || return 1
	good_report && cmp summary report/summary.md
}

gitlab()
{
	checkout gitlab
	f=$top/docs/ci/gitlab-ci.yml
	for job in scenarios report; do
		{ steps "$f" default.before_script
		steps "$f" $job.script; } >../gitlab.$job
	done
	for CI_NODE_INDEX in 1 2 3 4; do
		export CI_NODE_INDEX CI_NODE_TOTAL=4
		sh -e ../gitlab.scenarios || return 1
	done
	unset CI_NODE_INDEX CI_NODE_TOTAL
	sh -e ../gitlab.report && good_report
}

jenkins()
{
	checkout jenkins
	jenkins_steps scenarios report >../jenkins.shard
	jenkins_steps report nosuch >../jenkins.report
	grep -q 'mxdrill run' ../jenkins.shard &&
	    grep -q 'mxdrill report' ../jenkins.report || return 1
	export MXDRILL_SHARD_COUNT=4
	for MXDRILL_SHARD_INDEX in 1 2 3 4; do
		export MXDRILL_SHARD_INDEX
		sh -e ../jenkins.shard || return 1
	done
	unset MXDRILL_SHARD_INDEX MXDRILL_SHARD_COUNT
	sh -e ../jenkins.report && good_report
}

# A shard that is not there makes the report one that nobody may trust.
lost_shard()
{
	cd "$tmp/gitlab" && rm -rf runs/shard-3 report &&
	    exits 3 sh -e ../gitlab.report && says out '1 of 4 shards are missing: 3'
}

yaml_files()
{
	for f in "$top"/docs/ci/*.yml "$top"/docs/scale/*.yaml; do
		python3 -c 'import sys, yaml
list(yaml.safe_load_all(open(sys.argv[1])))' "$f" || return 1
	done
	python3 - "$top" <<-'!'
	import sys, yaml
	top = sys.argv[1]
	ci = yaml.safe_load(open(top + "/docs/ci/github-actions.yml"))
	shards = ci["jobs"]["scenarios"]["strategy"]["matrix"]["shard"]
	assert shards == list(range(1, ci["env"]["MXDRILL_SHARD_COUNT"] + 1))
	docs = yaml.safe_load_all(open(top + "/docs/scale/kubernetes.yaml"))
	job = [d for d in docs if d["kind"] == "Job"][0]["spec"]
	env = {e["name"]: e["value"]
	       for e in job["template"]["spec"]["containers"][0]["env"]}
	assert str(job["completions"]) == env["MXDRILL_SHARD_COUNT"]
	assert job["completionMode"] == "Indexed"
	!
}

# `mxdrill` is in the PATH of an image or a node.
in_path()
{
	mkdir -p "$tmp/bin"
	ln -sf "$mxdrill" "$tmp/bin/mxdrill"
	PATH=$tmp/bin:$PATH
	export PATH
}

# A hundred pods, each a shard; two of them run what there is to run.
kubernetes()
{
	in_path
	cd "$tmp" && mkdir -p pods
	where=spec.template.spec.containers.0.args
	steps "$top/docs/scale/kubernetes.yaml" $where >pod.sh
	steps "$top/docs/scale/kubernetes-report.yaml" $where >pod-report.sh
	grep -q -e --shard pod.sh && grep -q 'mxdrill report' pod-report.sh ||
		return 1
	export RUNS="$tmp/pods" MXDRILL_SHARD_COUNT=100
	for JOB_COMPLETION_INDEX in $(seq 0 99); do
		export JOB_COMPLETION_INDEX
		sh -ec "$(cat pod.sh)" >"$tmp/pod.log" 2>&1 || {
			cat "$tmp/pod.log"
			return 1
		}
	done
	unset MXDRILL_SHARD_COUNT JOB_COMPLETION_INDEX
	# Six known ones are not known here: the report is red, and whole.
	exits 1 sh -ec "$(cat pod-report.sh)" &&
	    says out '7 runs: 1 ok, 6 FAIL' || return 1
	same 7 "$(xmllint --xpath 'count(//testcase)' pods/junit.xml)"
}

slurm()
{
	in_path
	cd "$tmp"
	export RUNS="$tmp/tasks" SLURM_ARRAY_TASK_COUNT=4 \
	    SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_STEP=1
	for SLURM_ARRAY_TASK_ID in 1 2 3 4; do
		export SLURM_ARRAY_TASK_ID
		run "$top/docs/scale/slurm-array.sh"
		[ "$got" -le 1 ] && says out "Slurm: SLURM_ARRAY_TASK_ID" ||
			return 1
	done
	exits 1 "$top/docs/scale/slurm-report.sh" &&
	    says out '7 runs: 1 ok, 6 FAIL'
}

check 'ci: the examples are YAML and agree with themselves' yaml_files
if ! can_lab; then
	skip 'ci: runs' 'no lab here; see doctor'
	finish
fi
check 'ci: the steps for GitHub Actions run word by word' github
cd "$tmp" || exit 1
check 'ci: the steps for GitLab CI run word by word' gitlab
cd "$tmp" || exit 1
check 'ci: the steps for Jenkins run word by word' jenkins
cd "$tmp" || exit 1
check 'ci: a report that lacks a shard is not to be trusted' lost_shard
cd "$tmp" || exit 1
check 'ci: a hundred shards of Kubernetes become one report' kubernetes
check 'ci: the tasks of a Slurm array become one report' slurm
finish
