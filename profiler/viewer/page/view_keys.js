/* The keys of pages with a graph and a table. The functions return whether the key has a meaning. */
import { go } from "./state.js";

const VIEWS = { 1: "icicle", 2: "sunburst", 3: "flame" };
const TABS = { b: "callers", k: "stack", s: "source" };

/* `home` gets the focus when Escape leaves the search. */
export function viewKey(page, event, home) {
	const { graph, grid, search, state } = page;
	const { key } = event;

	if (key in VIEWS)
		go({ view: VIEWS[key] });
	else if (key === "0")
		go({ zoom: state.root });
	else if (key === "Backspace")
		page.up();
	else if (key === "/")
		search.field.focus();
	else if (key === "g")
		graph.canvas.focus();
	else if (key === "t")
		grid.host.focus();
	else if (key === "Escape" && document.activeElement === search.field)
		go({ q: "" }, true), home.focus();
	else if (key === "Escape")
		go({ fn: "", q: "" });
	else
		return graph.keyFromPage(event);
	return true;
}

export function profileKey(page, event) {
	const { state } = page;
	const { key } = event;

	if (key in TABS)
		go({ tab: TABS[key] }, true);
	else if (key === "m")
		go({ mine: state.mine ? "" : "1" });
	else if (key === "c")
		go({ colour: state.colour === "file" ? "own" : "file" }, true);
	else if (key === "u")
		go({ units: state.units ? "" : "short" }, true);
	else if (event.code === "Digit0" && event.shiftKey)
		go({ root: "", zoom: "" });
	else if (key === "r")
		go({ root: state.zoom });
	else if (key === "[" || key === "]")
		go({ depth: nextChoice(page.depth, key === "]" ? 1 : -1) }, true);
	else if (key === "," || key === ".")
		go({ cut: nextChoice(page.cut, key === "." ? 1 : -1) }, true);
	else
		return viewKey(page, event, page.graph.canvas);
	return true;
}

function nextChoice(select, step) {
	const values = Array.from(select.options, (option) => option.value);

	return values[Math.min(values.length - 1, Math.max(0, values.indexOf(select.value) + step))];
}
