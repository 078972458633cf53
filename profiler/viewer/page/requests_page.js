/* The list of requests, and their routes. */
import { button, element, setText } from "./dom.js";
import { Grid } from "./grid.js";
import { drawHistogram } from "./histogram.js";
import { routesOf } from "./routes.js";
import { go, pageAddress } from "./state.js";
import { clockTime, counted, dayOf, duration, grouped, visible } from "./text.js";

const name = (text) => element("bdi", { class: "mono" }, visible(text));
const time = (value) => Number.isFinite(value) ? duration(value) : "–";

/* The outcome of a request: [tone, word, tooltip, rest of the word that a phone omits]. */
function outcomeOf(request) {
	if (request.running)
		return ["now", "running now", `process ${request.pid}; its profile appears when the request ends`];
	if (request.error)
		return ["bad", "unreadable", request.error];
	if (request.pending)
		return ["", "being read", "being read"];
	const outcome = request.outcome || "–";
	if (outcome === "finished" && request.status >= 500)
		return ["bad", "error", `finished with status ${request.status}`];
	return [outcome === "finished" || outcome === "–" ? "" : "bad", ...shortOutcome(outcome)];
}

/* The signal or status in "killed: SIGKILL after 2.0 s", "crashed: SIGSEGV after 0.1 s", "exited with status 3 after 0.1 s". */
function shortOutcome(outcome) {
	const [, killed, since] = outcome.match(/^killed: (\S+|signal \d+)( after .*)?$/) || [];
	const [, crashed] = outcome.match(/^crashed: (\S+)/) || [];
	const [, status] = outcome.match(/^exited with status (\d+)/) || [];

	if (killed)
		return [killed, outcome, since];
	return [crashed || (status ? `exit ${status}` : outcome.split(":")[0]), outcome];
}

/* A row for a running request. */
function runningRow(one, since) {
	return { ...one, running: true, id: `${one.pid} ${one.started}`, path: one.target, query: "", status: 0, calls: 0, outcome: null, error: null,
		elapsed: Math.max(0, one.elapsed + since) }; /* a clock may be set back */
}

const isRead = (row) => !row.error && !row.pending;
const isDone = (row) => isRead(row) && !row.running;

export class RequestsPage {
	constructor() {
		this.list = { requests: [], running: [] };
		this.received = Date.now();
		this.build();
	}

	build() {
		this.filter = element("input", { type: "search", placeholder: "Filter requests  /", "aria-label": "Filter requests",
			oninput: () => go({ filter: this.filter.value }, true) });
		this.count = element("span", { class: "faint", role: "status" });
		this.everyRoute = button("All routes", "Show the requests of all routes", () => go({ route: "" }));
		this.compare = button("Compare", "Compare the two chosen requests (Enter on a request opens it, Space chooses it)", () => this.openCompare());
		this.running = element("span", { class: "running", role: "status" });

		this.routes = new Grid("Routes", [
			{ key: "route", title: "Route", kind: "text", wide: true, value: (row) => row.name, cell: (row) => name(row.name) },
			{ key: "count", title: "count", kind: "number", down: true, value: (row) => row.count, cell: (row) => grouped(row.count) },
			{ key: "bad", title: "failed", hint: "Errors, killed, status 500 and above", kind: "number", down: true, value: (row) => row.failed, cell: (row) => row.failed ? grouped(row.failed) : "" },
			...["min", "median", "p95", "p99", "max"].map((key) => ({ key, title: key, kind: "number", down: true, value: (row) => row[key], cell: (row) => time(row[key]) })),
			{ key: "histogram", title: "fast to slow", hint: "How many requests took how long, on a logarithmic scale", kind: "text", cell: (row) => drawHistogram(row) },
		], {
			onsort: (rows, reverse) => go({ rows, turned: reverse ? "1" : "" }, true),
			onopen: (row) => go({ route: row.name === this.state.route ? "" : row.name }),
			keyOf: (row) => row.name,
		});

		this.grid = new Grid("Requests", [
			{ key: "pick", title: "", name: "Chosen to compare", kind: "text", cell: (row) => row.running ? "" : this.picker(row) },
			{ key: "started", title: "started", kind: "text", down: true, value: (row) => row.started, cell: (row) => startedCell(row.started) },
			{ key: "method", title: "method", kind: "text", value: (row) => row.method || "", cell: (row) => visible(row.method || "–") },
			{ key: "path", title: "path", kind: "text", wide: true, value: (row) => titleOf(row), cell: (row) => pathCell(row) },
			{ key: "route", title: "route", kind: "text", value: (row) => row.route || "", cell: (row) => name(row.route || "–") },
			{ key: "status", title: "status", kind: "number", value: (row) => row.status, cell: (row) => element("span", { class: row.status >= 500 ? "tag bad" : "" }, row.status ? String(row.status) : "–") },
			{ key: "elapsed", title: "elapsed", kind: "number", down: true, value: (row) => isRead(row) ? row.elapsed : -1, cell: (row) => this.elapsed(row) },
			{ key: "calls", title: "calls", kind: "number", down: true, value: (row) => isDone(row) ? row.calls : -1, cell: (row) => isDone(row) ? grouped(row.calls) : "–" },
			{ key: "outcome", title: "outcome", kind: "text", value: (row) => outcomeOf(row)[1], cell: (row) => {
				const [tone, text, more, rest] = outcomeOf(row);
				return element("span", { class: `tag ${tone}`, title: visible(more) }, visible(text), rest ? element("span", { class: "fine" }, visible(rest)) : null);
			} },
		], {
			onsort: (order, reverse) => go({ order, reverse: reverse ? "1" : "" }, true),
			onopen: (row) => this.open(row),
			onpick: (row) => isDone(row) && this.pick(row.id),
			keyOf: (row) => row.id,
		});

		this.empty = element("div", { class: "empty", hidden: true });
		this.failure = element("div", { class: "failure", role: "alert", hidden: true });
		this.host = element("div", { class: "page requests loading" },
			element("section", { class: "card routes", "aria-label": "Routes" }, this.routes.host),
			element("section", { class: "card list", "aria-label": "Requests" },
				element("header", null, this.filter, this.everyRoute, this.count, element("span", { class: "grow" }), this.running, this.compare),
				this.grid.host, this.empty, this.failure));
	}

	elapsed(row) {
		const fill = element("i");

		if (!isRead(row))
			return "–";
		fill.style.width = `${(70 * Math.min(1, row.elapsed / (this.slowest || 1))).toFixed(1)}px`;
		return element("span", { class: "bar" }, fill, element("b", null, time(row.elapsed)));
	}

	/* The label fills the cell, because a small box is hard to hit. */
	picker(row) {
		const name = `Choose ${visible(titleOf(row))} to compare`;

		return element("label", { class: "pick", title: name }, element("input", { type: "checkbox", "aria-label": name, tabindex: "-1",
			onchange: () => this.pick(row.id), checked: this.picks().includes(row.id), disabled: !isDone(row) }));
	}

	picks() {
		return this.state.picks ? this.state.picks.split("\n") : [];
	}

	/* Keeps the last two. */
	pick(id) {
		const picks = this.picks();

		go({ picks: (picks.includes(id) ? picks.filter((one) => one !== id) : [...picks, id].slice(-2)).join("\n") }, true);
	}

	open(row) {
		if (isDone(row))
			location.hash = pageAddress({ page: "profile", id: row.id }).slice(1);
	}

	openCompare() {
		const started = new Map(this.list.requests.map((one) => [one.id, one.started]));
		const [before, after] = this.picks().sort((left, right) => started.get(left) - started.get(right));

		if (after)
			location.hash = pageAddress({ page: "compare", before, after }).slice(1);
	}

	show(state) {
		this.state = state;
		document.title = "Requests – Komori";
		if (this.filter.value !== state.filter)
			this.filter.value = state.filter;
		const { requests } = this.list;
		const since = (Date.now() - this.received) / 1000;
		const running = this.list.running.map((one) => runningRow(one, since));
		const routes = routesOf(requests);
		const wanted = state.filter.toLowerCase().split(/\s+/).filter(Boolean);
		const seen = (row) => (!state.route || routes.nameOf(row) === state.route) && wanted.every((word) => matches(row, word));
		const rows = requests.filter(seen);

		this.slowest = rows.reduce((most, row) => Math.max(most, row.elapsed || 0), 0);
		this.routes.chosen = state.route || null;
		this.routes.show(routes.rows, state.rows || "count", Boolean(state.turned));
		const shown = [...rows, ...running.filter(seen)];
		this.grid.show(shown, state.order, Boolean(state.reverse));
		setText(this.count, rows.length === requests.length ? counted(rows.length, "request") : `${grouped(rows.length)} of ${counted(requests.length, "request")}`);
		setText(this.running, running.length ? `${grouped(running.length)} running now` : "");
		this.everyRoute.hidden = !state.route;
		const picked = this.picks().length;
		this.compare.disabled = picked !== 2;
		setText(this.compare, `Compare ${picked}/2`);
		this.empty.hidden = shown.length > 0 || !this.failure.hidden;
		setText(this.empty, requests.length + running.length ? "No request matches." : "No requests yet. A request appears here when its response is complete.");
		this.grid.host.hidden = !this.empty.hidden || !this.failure.hidden;
	}

	enter() {
		this.grid.enter();
		this.routes.enter();
	}

	/* Called without news, too: running requests get older. */
	receive(list) {
		this.host.classList.remove("loading");
		if (this.list !== list)
			this.received = Date.now();
		this.list = list;
		this.failure.hidden = true;
		if (this.state)
			this.show(this.state);
	}

	fail(error) {
		this.host.classList.remove("loading");
		if (this.list.requests.length)
			return;
		this.failure.textContent = error.message;
		this.failure.hidden = false;
		this.grid.host.hidden = true;
		this.empty.hidden = true;
	}

	key(event) {
		if (event.key === "/")
			this.filter.focus();
		else if (event.key === "x" || event.key === "Enter" && event.shiftKey)
			this.openCompare();
		else if (event.key === "t")
			this.grid.host.focus();
		else if (event.key === "Escape")
			go({ filter: "", route: "" });
		else if (event.key.startsWith("Arrow") && document.activeElement === document.body)
			this.grid.host.focus();
		else
			return false;
		return true;
	}

	themed() {
		if (this.state)
			this.show(this.state);
	}

	leave() {}
}

function titleOf(row) {
	return row.path ? row.path + (row.query ? "?" + row.query : "") : row.id;
}

function pathCell(row) {
	const title = visible(row.error || titleOf(row));

	return isDone(row)
		? element("a", { href: pageAddress({ page: "profile", id: row.id }), tabindex: "-1", title }, name(titleOf(row)))
		: element("span", { class: "faint", title }, name(titleOf(row)));
}

/* Shows the day unless it is today. A phone omits the second part. */
function startedCell(epoch) {
	const day = dayOf(epoch), clock = clockTime(epoch);
	const [short, rest] = day === dayOf(Date.now() / 1000) ? [clock.slice(0, 8), clock.slice(8)] : [day.slice(5), ` ${clock.slice(0, 8)}`];

	return element("span", { class: "mono", title: `${day} ${clock}` }, short, element("span", { class: "fine" }, rest));
}

/* Searches what the row shows. Without a path that is the name of the file. */
function matches(row, word) {
	return [row.method, visible(titleOf(row)), row.route && visible(row.route), row.status && String(row.status), row.outcome, outcomeOf(row)[1], row.error]
		.some((field) => field && field.toLowerCase().includes(word));
}
