/* One request and its response: from the parsed head to the last byte put into the output. */
#ifndef KM_SERVER_CONNECTION_EXCHANGE_H
#define KM_SERVER_CONNECTION_EXCHANGE_H

#include "framework/http/body_decoder.h"
#include "framework/server/loop/loop.h"
#include "framework/server/threads/pool.h"
#include "framework/wsgi/environ.h"
#include "framework/wsgi/start_response.h"

/* Logged as nginx does: the client left before the head of its response was made. */
enum { KM_CLIENT_LEFT = 499 };

typedef enum km_exchange_step {
	KM_EXCHANGE_PULL,  /* call again, at once */
	KM_EXCHANGE_FLUSH, /* call again when output and chunk are on the socket */
	KM_EXCHANGE_END,   /* everything is in the output or on the socket; again: the same */
} km_exchange_step;

/* The HTTP state. It belongs to the loop, or, with its km_exchange_job, to a handler thread.
 * Aligned so that no store of those that clear it crosses a page: one that did took a tenth of a
 * short request. */
typedef struct km_exchange {
	_Alignas(64) struct km_exchange *next; /* in the loop's list of spare ones */
	struct km_handoff *handoff;	       /* NULL: no handler thread has had it yet */
	km_arena arena;
	_Alignas(16) km_http_request request;
	km_http_body_decoder decoder;
	km_http_body_store content; /* the request's body */
	_Alignas(16) km_wsgi_server server;
	_Alignas(16) km_environ environ;
	km_wsgi_response response;
	km_body *body;	 /* NULL before the call and after close */
	km_str chunk;	 /* borrowed from the body: what the socket has not taken of a long one */
	uint64_t number; /* of the request, in this process */
	int status;	 /* of the response, once its head is in the output; else 0 */
	uint64_t sent;	 /* bytes of its content that are in the output or on the socket */
	int64_t left;	 /* bytes until Content-Length is reached; -1 when there is none */
	int64_t started_ns;    /* as in km_request_slot */
	km_request_slot *slot; /* of the loop's table; NULL: the thread's is used */
	bool parsed;	       /* `request` is valid */
	bool without_content;  /* of the response: the request is a HEAD */
	bool called;	       /* the application was, and the access log waits for the end */
	bool chunked;	       /* the response is */
	bool lent;	       /* `chunk` was set since the last pull */
	bool ended;	       /* all that the peer gets is in the output or the chunk */
	bool close;	       /* close the connection behind the response */
	bool broken;	       /* the response is cut short */
} km_exchange;

/* What a handler thread holds, from submit until the loop takes the job back. */
typedef struct km_exchange_job {
	km_job job;
	km_exchange *exchange; /* lent with the job */
	km_wsgi_app *app;
	bool draining; /* as in km_runner */
	bool closing;  /* only close the body */
	km_exchange_step step;
	km_buffer output; /* what the thread has made of the response */
} km_exchange_job;

typedef enum km_exchange_place {
	KM_EXCHANGE_ON_LOOP,
	KM_EXCHANGE_IN_THREAD,
	KM_EXCHANGE_BACK, /* what the thread made waits to be put into the loop's output */
} km_exchange_place;

/* What the loop knows of an exchange that handler threads run. No thread touches it. */
typedef struct km_handoff {
	km_exchange_job job;  /* the thread's while it runs */
	km_thread_pool *pool; /* that runs it; NULL: the loop does */
	km_exchange_place place;
	struct km_connection *connection; /* that waits for it; NULL: it has gone on or is gone */
	int begun;			  /* status of what has come from the thread; 0: nothing */
	uint64_t begun_bytes;		  /* and of its content */
	bool running;			  /* the job is not finished */
	bool given_up;	  /* its client got a response without it, and it is not back */
	bool logged;	  /* its line is in the access log before its end */
	bool client_left; /* while no thread had it, perhaps */
} km_handoff;

/* The pool whose threads run the exchange; NULL: the loop does. */
static inline km_thread_pool *km_exchange_pool(const km_exchange *exchange)
{
	return exchange->handoff ? exchange->handoff->pool : NULL;
}

/* Whether the loop may touch the exchange, and holds all that was made of its response. */
static inline bool km_exchange_is_on_loop(const km_exchange *exchange)
{
	return !km_exchange_pool(exchange) || exchange->handoff->place == KM_EXCHANGE_ON_LOOP;
}

/* Takes a spare exchange or makes one; NULL when memory ran out. */
km_exchange *km_exchange_new(km_loop *loop);
/* Note for the supervisor that the thread goes into the application for this exchange, and that it
 * has come back. Do nothing without a master. */
void km_exchange_enter(km_exchange *exchange, km_runner *runner);
void km_exchange_leave(km_runner *runner);
/* Calls the application; request and server are complete. */
void km_exchange_call(km_exchange *exchange, km_runner *runner);
/* Pulls the body once, or ends the response. */
km_exchange_step km_exchange_advance(km_exchange *exchange, km_runner *runner);
/* Whether closing the body runs code of the application. */
static inline bool km_exchange_has_close(const km_exchange *exchange)
{
	return exchange->body && exchange->body->close;
}
/* Closes the body, unless it is closed. */
void km_exchange_close(km_exchange *exchange);
/* Closes the body and gives the exchange back. Must be called in every path, also on abort. */
void km_exchange_release(km_exchange *exchange, km_loop *loop);
/* Frees the loop's spare exchanges. */
void km_exchange_free_spares(km_loop *loop);
/* Puts a small text/plain response of the server's own into the output. */
void km_exchange_refuse(km_runner *runner, int status, km_http_connection connection,
			bool without_content);

#endif
