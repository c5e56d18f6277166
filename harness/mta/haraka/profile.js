// The profile of a Haraka (../README.md), asked of its own modules: what
// they make of the configuration in the folder $HARAKA is what is in force.
'use strict'

const { Resolver } = require('node:dns')
const path = require('node:path')

const root = process.argv[2]
const own = (name) => require(path.join(root, name))
const config = require(require.resolve('haraka-config', { paths: [root] }))

const outbound = own('outbound/config')
const wanted = process.env.MXDRILL_OPT_TEMP_FAIL_INTERVALS
if (wanted) {
    outbound.cfg.temp_fail_intervals = wanted
    outbound.set_temp_fail_intervals()
}
const { cfg } = outbound
const intervals = cfg.temp_fail_intervals
const idle = cfg.connect_timeout

// haraka-net-utils/lib/dns_config.js, which does not tell what it decided.
const dns = (config.get('net-utils.ini', 'ini') || {}).dns || {}
const lookup = ((dns.timeout || 25000) / 1000) * (dns.tries || 1)
const servers = new Resolver().getServers().length

const facts = {
    version: own('package.json').version,
    // outbound/hmail.js, temp_fail(): one interval after each failure, and
    // one failure more than there are intervals is the last.
    'first-retry': `${intervals[0] || 0}s`,
    'max-retry': `${Math.max(0, ...intervals)}s`,
    life: `${intervals.reduce((sum, s) => sum + s, 0)}s`,
    'life-null': `${intervals.reduce((sum, s) => sum + s, 0)}s`,
    // outbound/queue.js: TimerQueue(1000).
    'queue-run': '1s',
    warn: '0s',
    'dns-timeout': `${lookup * Math.max(1, servers)}s`,
    // outbound/hmail.js: a 5yz greeting is a bounce.
    greet5: 'perm',
}
// outbound/client_pool.js gives a socket one idle limit, for good.
for (const phase of ['connect', 'greeting', 'helo', 'mail', 'rcpt', 'data',
    'block', 'eod'])
    facts[`${phase}-timeout`] = `${idle}s`

for (const [key, value] of Object.entries(facts))
    process.stdout.write(`${key}=${value}\n`)
process.exit(0)
