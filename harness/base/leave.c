#include "harness/base/leave.h"

#include <stdio.h>
#include <unistd.h>

#ifdef MXD_COVERAGE
#include <gcov.h>
#endif

_Noreturn void
leave(int status)
{
	fflush(NULL);
#ifdef MXD_COVERAGE
	__gcov_dump();
#endif
	_exit(status);
}
