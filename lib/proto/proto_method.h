/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The words that server and client share. What each method takes and answers is in
 * docs/control-protocol.md.
 */
#ifndef PROTO_METHOD_H
#define PROTO_METHOD_H

/* Raised when an answer changes in a way that an older client cannot read. */
#define PROTO_VERSION 1

#define PROTO_METHOD_HELLO "hello"
#define PROTO_METHOD_STATUS "status"
#define PROTO_METHOD_PORTS "ports"
#define PROTO_METHOD_WORKERS "workers"
#define PROTO_METHOD_FLOWS "flows"
#define PROTO_METHOD_STATS "stats"
#define PROTO_METHOD_DROPS "drops"
#define PROTO_METHOD_EXPORTERS "exporters"
#define PROTO_METHOD_EXPORT_CHECK "export_check"
#define PROTO_METHOD_AUDIT "audit"
#define PROTO_METHOD_TRACE_START "trace_start"
#define PROTO_METHOD_TRACE_READ "trace_read"
#define PROTO_METHOD_TRACE_STOP "trace_stop"
#define PROTO_METHOD_REOPEN "reopen" /* admin.sock only */

#endif
