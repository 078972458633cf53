/* One request and its answer: from the parsed head to the last byte put into the output. */
#ifndef KM_SERVER_CONNECTION_EXCHANGE_H
#define KM_SERVER_CONNECTION_EXCHANGE_H

#include "framework/http/body_decoder.h"
#include "framework/wsgi/start_response.h"
#include "framework/server/threads/pool.h"
#include "framework/server/loop/loop.h"

/* In the access log, as nginx has it: the client left before the head of its answer was made. */
enum { KM_CLIENT_LEFT = 499 };

typedef enum km_exchange_place {
	KM_EXCHANGE_ON_LOOP,
	KM_EXCHANGE_IN_THREAD, /* all but the loop's fields is the thread's */
	KM_EXCHANGE_BACK,      /* what the thread made of it waits to be put into the output */
} km_exchange_place;

typedef enum km_exchange_step {
	KM_EXCHANGE_PULL,  /* call again, at once */
	KM_EXCHANGE_FLUSH, /* call again when output and chunk are on the socket */
	KM_EXCHANGE_END,   /* everything is in the output or on the socket; again: the same */
} km_exchange_step;

/* On cache lines, so that no store of those that clear it crosses a page: one that did took a tenth
 * of a short request. */
struct km_exchange {
	_Alignas(64) km_exchange *next; /* in the loop's list of spare ones */
	/* With handler threads. Up to `client_left` it is the loop's. */
	km_exchange_place place;
	struct km_connection *connection; /* that waits for it; NULL: it has gone on or is gone */
	int begun;			  /* status of what has come from the thread; 0: nothing */
	uint64_t begun_bytes;		  /* and of its content */
	bool aside;			  /* it is the aside_threads' */
	bool given_up;	  /* its client was answered without it, and it is not back */
	bool logged;	  /* its line is in the access log before its end */
	bool closing;	  /* the thread only closes the body */
	bool client_left; /* while the exchange had no thread, perhaps */
	km_job job;
	km_wsgi_app *app; /* what the thread calls, and as km_runner has it */
	bool draining;
	uint32_t path; /* of km_quick_paths */
	int64_t ran_ns;
	km_exchange_step step; /* what the thread ended with */
	km_buffer output;      /* of the thread */
	km_arena arena;
	_Alignas(16) km_http_request request;
	km_http_body_decoder decoder;
	km_http_body_store content; /* the request's body */
	_Alignas(16) km_wsgi_server server;
	_Alignas(16) km_environ environ;
	km_wsgi_response answer;
	/* In the loop's table; NULL: the thread's own is used. */
	km_request_slot *slot;
	km_body *body;	 /* NULL before the call and after close */
	km_str chunk;	 /* borrowed from the body: what the socket has not taken of a long chunk */
	uint64_t number; /* of the request, in this process */
	int status;	 /* of the answer, once its head is in the output; else 0 */
	uint64_t sent;	 /* bytes of its content that are in the output or on the socket */
	int64_t left;	 /* bytes until Content-Length is reached; -1 when there is none */
	int64_t started_ns; /* as in km_request_slot */
	bool called;	    /* the application was, and the access log waits for the end */
	bool head_request;  /* HEAD: the answer has no content */
	bool chunked;	    /* the answer is */
	bool lent;	    /* `chunk` was set since the last pull */
	bool ended;	    /* all that the peer gets of the answer is in the output or the chunk */
	bool close;	    /* close the connection behind the answer */
	bool broken;	    /* the answer is cut short */
};

/* HEAD: the answer has no content. */
static inline bool km_exchange_asks_for_head(const km_exchange *exchange)
{
	return km_str_equal(exchange->request.method, KM_STR("HEAD"));
}

/* Takes a spare exchange or makes one; NULL when memory ran out. */
km_exchange *km_exchange_new(km_loop *loop);
/* Tell the master that the thread goes into the application for this exchange, and that it has come
 * back. Nothing without a master. */
void km_exchange_enter(km_exchange *exchange, km_runner *runner);
void km_exchange_leave(km_runner *runner);
/* Calls the application; request and server are complete. */
void km_exchange_call(km_exchange *exchange, km_runner *runner);
/* Pulls the body once, or ends the answer. */
km_exchange_step km_exchange_advance(km_exchange *exchange, km_runner *runner);
/* Closes the body, where it is not closed yet. */
void km_exchange_close(km_exchange *exchange);
/* Closes the body and gives the exchange back. Must be called in every path, also on abort. */
void km_exchange_release(km_exchange *exchange, km_loop *loop);
/* Frees the loop's spare exchanges. */
void km_exchange_free_spares(km_loop *loop);
/* Puts a small text/plain answer of the server's own into the output; the connection closes. */
void km_exchange_refuse(km_runner *runner, int status, bool without_content);

#endif
