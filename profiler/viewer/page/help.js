/* The keys. */
import { button, element } from "./dom.js";

const KEYS = [
	["?", "this help"], ["q", "list of requests"], ["d", "light, dark, or the system's"], ["/", "search or filter; Enter goes to the matches, Escape clears it"],
	["g", "go to the graph"], ["t", "go to the table"], ["1 2 3", "icicle, sunburst, flame"],
	["← ↑ → ↓", "in the graph: move; in a table: rows"], ["Enter", "zoom to the call; open the row"], ["Backspace", "zoom out one call"],
	["0", "reset the zoom"], ["Shift+0", "reset the root"], ["r", "make the call the root (also Shift+click)"],
	["m", "my code only: hide library calls"], ["c", "colours by file or by own time"], ["u", "times as pstats has them, or with units"], ["[ ]", "less or more depth"], [", .", "lower or higher cutoff"],
	["b k s", "callers, call stack, source"], ["Space", "in the requests: choose for a comparison"], ["x", "compare the two chosen; swap the two compared"],
];

export function helpDialog() {
	const dialog = element("dialog", { "aria-label": "Keys" });

	dialog.append(element("h2", null, "Keys"),
		element("dl", null, ...KEYS.flatMap(([keys, text]) => [element("dt", null, ...keys.split(" ").flatMap((key) => [element("kbd", null, key), " "])), element("dd", null, text)])),
		button("Close", "Escape", () => dialog.close()));
	return dialog;
}
