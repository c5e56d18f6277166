#include "reference_impl/planner_ways.h"

/* splitmix64 over the name. */
uint64_t
plan_rank(uint64_t seed, const char *name)
{
	uint64_t x = seed;

	for (; *name != '\0'; name++)
		x = (x ^ (uint8_t)(*name | 0x20)) * UINT64_C(0x100000001b3);
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static size_t
usable(const struct fact *f)
{
	return f->state == FACT_OK ? f->count : 0;
}

static bool
ipv4_begins(const struct ways *w)
{
	return HAS_WAY(w, IPV4_FIRST) || HAS_WAY(w, IPV4_THEN_IPV6);
}

static bool
take_turns(const struct ways *w)
{
	return HAS_WAY(w, IPV4_FIRST) || (!HAS_WAY(w, IPV4_THEN_IPV6) &&
	    !HAS_WAY(w, IPV6_THEN_IPV4));
}

const struct addr *
plan_nth_address(const struct plan_policy *pol, const struct addresses *a,
    size_t i)
{
	bool swap = ipv4_begins(pol->ways);
	const struct fact *one = swap ? a->v4 : a->v6;
	const struct fact *two = swap ? a->v6 : a->v4;
	size_t n1 = usable(one), n2 = usable(two);
	size_t both = n1 < n2 ? n1 : n2;

	if (usable(a->v6) > 0 && HAS_BUG(pol->bugs, IPV6_ONLY)) {
		one = a->v6;
		n1 = usable(one);
		n2 = both = 0;
	}
	if (usable(a->v4) > 0 && HAS_BUG(pol->bugs, IPV4_ONLY)) {
		one = a->v4;
		n1 = usable(one);
		n2 = both = 0;
	}
	if (HAS_BUG(pol->bugs, IPV6_STARVES)) {
		one = a->v6;
		two = a->v4;
		n1 = usable(one);
		n2 = usable(two);
	}
	if (HAS_BUG(pol->bugs, IPV6_STARVES) || !take_turns(pol->ways))
		both = 0;
	if (HAS_BUG(pol->bugs, ONLY_FIRST_ADDRESS) && i > 0)
		return NULL;
	if (i >= n1 + n2)
		return NULL;
	if (i < 2 * both)
		return i % 2 == 0 ? &one->rrs[i / 2].addr
		    : &two->rrs[i / 2].addr;
	if (i < both + n1)
		return &one->rrs[i - both].addr;
	return &two->rrs[i - n1].addr;
}
