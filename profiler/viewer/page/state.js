/* The state of the page, kept in the URL's fragment for reloads, links and the back button. */

const DEFAULTS = {
	page: "requests", id: "", before: "", after: "",
	view: "icicle", root: "", zoom: "", fn: "", q: "", regex: "", mine: "", depth: "0", cut: "0.001",
	colour: "file", tab: "", sort: "tottime", units: "", reverse: "", rows: "",
	filter: "", route: "", order: "started", turned: "", width: "", picks: "",
};

/* Valid values. An invalid one is ignored. */
const ALLOWED = {
	view: /^(icicle|sunburst|flame)$/, depth: /^\d{1,4}$/, cut: /^(0|0\.\d{1,6})$/, colour: /^(file|own)$/,
	tab: /^(callers|stack|source)$/, width: /^(both|before|after)$/, units: /^short$/,
};

let listener = null;
let current = read();
let list = current; /* the last state of the list */

function read() {
	const given = new URLSearchParams(location.hash.slice(1));
	const state = { ...DEFAULTS };

	for (const key of Object.keys(DEFAULTS))
		if (given.has(key) && (!ALLOWED[key] || ALLOWED[key].test(given.get(key))))
			state[key] = given.get(key);
	if (!given.has("page"))
		state.page = state.id ? "profile" : state.after ? "compare" : "requests";
	return state;
}

function address(state) {
	const shown = new URLSearchParams();

	for (const [key, value] of Object.entries(state))
		if (value !== DEFAULTS[key] && key in DEFAULTS)
			shown.set(key, value);
	return "#" + shown;
}

export function state() {
	return current;
}

/* Changes the state. The back button undoes it, unless `replace` is set. */
export function go(changes, replace) {
	const next = { ...current, ...changes };

	if (address(next) === address(current))
		return;
	current = next;
	history[replace ? "replaceState" : "pushState"](null, "", address(next));
	notify();
}

/* The address of a page in its initial state. */
export function pageAddress(changes) {
	return address({ ...DEFAULTS, ...changes });
}

export function listAddress() {
	return address(list.page === "requests" ? list : DEFAULTS);
}

export function onState(called) {
	listener = called;
}

function notify() {
	if (current.page === "requests")
		list = current;
	listener(current);
}

addEventListener("popstate", () => {
	current = read();
	notify();
});
