#!/usr/bin/python3
"""Makes a stored suite of many runs out of a small one, by hard links.

html_many.py SUITE OUT SCENARIOS MTAS: of every twenty runs one is a FAIL.
"""
import json
import os
import sys

suite, out, scenarios, mtas = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
results = json.load(open(os.path.join(suite, 'results.json')))
good = [r for r in results['runs'] if r['result'] == 'ok']
bad = [r for r in results['runs'] if r['result'] == 'FAIL']
assert good and bad


def copy(run, scenario, mta):
    old = run['dir'] if os.path.isabs(run['dir']) or os.path.isdir(
        run['dir']) else os.path.join(suite, run['dir'])
    new = os.path.join(out, mta, scenario)
    os.makedirs(new)
    for name in os.listdir(old):
        if name != 'meta.json':
            os.link(os.path.join(old, name), os.path.join(new, name))
    meta = json.load(open(os.path.join(old, 'meta.json')))
    meta.update(scenario=scenario, mta=mta)
    meta.pop('rerun', None)
    json.dump(meta, open(os.path.join(new, 'meta.json'), 'w'))
    return dict(run, id=scenario, mta=mta, dir=new)


runs = [copy((bad if (i * mtas + k) % 20 == 7 else good)[i % min(
    len(good), len(bad))], 'many/of-them/number-%03d' % i, 'mta%d' % k)
    for i in range(scenarios) for k in range(mtas)]
results['mtas'] = [dict(results['mtas'][0], mta='mta%d' % k)
                   for k in range(mtas)]
results['runs'] = runs
counts = dict.fromkeys(results['counts'], 0)
for run in runs:
    counts[run['result']] += 1
results['counts'] = counts
json.dump(results, open(os.path.join(out, 'results.json'), 'w'))
