#include "harness/scenario/oracle.h"

unsigned
oracle_expected(const enum host_class *list, size_t count)
{
	unsigned result = 0, defer = 0, hosts_refuse = 0;

	for (size_t i = 0; i < count; i++) {
		switch (list[i]) {
		case HC_OK:
			return result | MAY_DELIVER;
		case HC_PR:
			return result | MAY_BOUNCE;
		case HC_A:
			/* Stopping and going on are both legal. */
			result |= MAY_DEFER | MAY_DUPLICATE;
			break;
		case HC_TR:
			result |= MAY_DEFER;
			break;
		case HC_H:
			hosts_refuse = 1;
			break;
		case HC_N:
			break;
		default:
			defer = 1;
			break;
		}
	}
	if (defer || result != 0)
		return result | MAY_DEFER;
	if (hosts_refuse)
		return MAY_BOUNCE | MAY_DEFER;
	return MAY_BOUNCE;
}

unsigned
oracle_expected_pair(enum host_class a, enum host_class b, int equal)
{
	const enum host_class ab[] = { a, b }, ba[] = { b, a };
	unsigned set = oracle_expected(ab, 2);

	return equal ? set | oracle_expected(ba, 2) : set;
}

const char *
host_class_word(enum host_class c)
{
	static const char *const words[] = {
#define X(sym, word, help) word,
		HOST_CLASSES(X)
#undef X
	};

	return words[c];
}

const char *
host_class_help(enum host_class c)
{
	static const char *const helps[] = {
#define X(sym, word, help) help,
		HOST_CLASSES(X)
#undef X
	};

	return helps[c];
}
