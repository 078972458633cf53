/* What is shown, kept in the URL's fragment: a reload, a link and the back button find it again. */

const DEFAULTS = {
	page: "requests", id: "", before: "", after: "",
	view: "icicle", root: "", zoom: "", fn: "", q: "", regex: "", mine: "", depth: "0", cut: "0.001",
	colour: "file", tab: "", sort: "tottime", units: "", reverse: "", rows: "",
	filter: "", route: "", order: "started", turned: "", width: "", picks: "",
};

/* What an address may say; anything else counts as unsaid. */
const ALLOWED = {
	view: /^(icicle|sunburst|flame)$/, depth: /^\d{1,4}$/, cut: /^(0|0\.\d{1,6})$/, colour: /^(file|own)$/,
	tab: /^(callers|stack|source)$/, width: /^(both|before|after)$/, units: /^short$/,
};

const listeners = new Set();
let current = read();
let list = current; /* as it was last */

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

/* A step that the back button takes back; `replace` for one that it does not. */
export function go(changes, replace) {
	const next = { ...current, ...changes };

	if (address(next) === address(current))
		return;
	current = next;
	history[replace ? "replaceState" : "pushState"](null, "", address(next));
	tell();
}

/* The address of another page, its state at the beginning. */
export function pageAddress(changes) {
	return address({ ...DEFAULTS, ...changes });
}

export function listAddress() {
	return address(list.page === "requests" ? list : DEFAULTS);
}

export function onState(listener) {
	listeners.add(listener);
}

function tell() {
	if (current.page === "requests")
		list = current;
	for (const listener of listeners)
		listener(current);
}

addEventListener("popstate", () => {
	current = read();
	tell();
});
