/* The table with pstats' columns and numbers. */
import { element } from "./dom.js";
import { Grid } from "./grid.js";
import { duration, seconds3, visible } from "./text.js";

/* A row: [function, primitive calls, calls, tottime, cumtime]. */
function callsText([, primitive, calls]) {
	return primitive === calls ? String(calls) : `${calls}/${primitive}`;
}

function labelCell(label) {
	return element("bdi", { class: "mono", title: label }, label);
}

export function tableGrid(listeners) {
	const view = { model: null, whole: 0, write: seconds3 }; /* set by fillTable() */
	const quotient = (seconds, count) => count ? view.write(seconds / count) : "";
	const seconds = (row, at) => {
		const part = view.whole > 0 ? Math.min(1, Math.max(0, row[at] / view.whole)) : 0;
		const fill = element("i");
		fill.style.width = `${(64 * part).toFixed(1)}px`;
		return element("span", { class: "bar" }, fill, element("b", null, view.write(row[at])));
	};
	const columns = [
		{ key: "ncalls", title: "ncalls", hint: "Calls; calls/primitive calls where the function calls itself", kind: "number", down: true, value: (row) => row[2], cell: callsText },
		{ key: "tottime", title: "tottime", hint: "Seconds in the function itself", kind: "number", down: true, value: (row) => row[3], cell: (row) => seconds(row, 3) },
		{ key: "percall", title: "percall", hint: "tottime / calls", kind: "number", down: true, value: (row) => row[2] ? row[3] / row[2] : 0, cell: (row) => quotient(row[3], row[2]) },
		{ key: "cumtime", title: "cumtime", hint: "Seconds in the function and what it calls", kind: "number", down: true, value: (row) => row[4], cell: (row) => seconds(row, 4) },
		{ key: "percallcum", title: "percall", hint: "cumtime / primitive calls", kind: "number", down: true, value: (row) => row[1] ? row[4] / row[1] : 0, cell: (row) => quotient(row[4], row[1]) },
		{ key: "name", title: "filename:lineno(function)", kind: "text", wide: true, value: (row) => view.model.profile.labels[row[0]], cell: (row) => labelCell(visible(view.model.profile.labels[row[0]])) },
	];

	return { grid: new Grid("Functions", columns, { ...listeners, keyOf: (row) => row[0] }), view };
}

/* Shows the rows of a profile that match. Returns how many. */
export function fillTable({ grid, view }, model, matched, mine, sort, reverse, units) {
	const { rows, functions, total_time: whole } = model.profile;
	const shown = rows.filter(([index]) => (!mine || functions[index][0] !== "~") && (!matched || matched[index]));

	Object.assign(view, { model, whole, write: units ? duration : seconds3 });
	grid.show(shown, sort, reverse);
	return shown.length;
}
