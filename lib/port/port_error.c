/* SPDX-License-Identifier: BSD-3-Clause */
#include "port_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

int port_error_set(char *error, size_t error_bytes, int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, error_bytes, format, args);
	va_end(args);
	return rc;
}

int port_error_exit_code(int rc)
{
	switch (-rc) {
	case 0:
		return EX_OK;
	case EINVAL:
	case ERANGE:
	case E2BIG:
		return EX_CONFIG;
	case ENODEV:
	case ENOENT:
	case ENXIO:
		return EX_NOINPUT;
	case EBUSY:
	case EADDRINUSE:
	case ENETDOWN:
	case ENOTSUP:
	case EIO:
	case EAGAIN:
		return EX_UNAVAILABLE;
	case EPERM:
	case EACCES:
		return EX_NOPERM;
	case ENOMEM:
	case ENOSPC:
	case EMFILE:
	case ENFILE:
		return EX_OSERR;
	default:
		return EX_SOFTWARE;
	}
}
