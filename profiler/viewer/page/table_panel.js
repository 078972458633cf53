/* pstats' table: its columns, its numbers, its two ways to divide. */
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
	let model, whole = 0, write = seconds3;
	const quotient = (seconds, count) => count ? write(seconds / count) : "";
	const seconds = (row, at) => {
		const part = whole > 0 ? Math.min(1, Math.max(0, row[at] / whole)) : 0;
		const fill = element("i");
		fill.style.width = `${(64 * part).toFixed(1)}px`;
		return element("span", { class: "bar" }, fill, element("b", null, write(row[at])));
	};
	const columns = [
		{ key: "ncalls", title: "ncalls", hint: "Calls; calls/primitive calls where the function calls itself", kind: "number", down: true, value: (row) => row[2], cell: callsText },
		{ key: "tottime", title: "tottime", hint: "Seconds in the function itself", kind: "number", down: true, value: (row) => row[3], cell: (row) => seconds(row, 3) },
		{ key: "percall", title: "percall", hint: "tottime / calls", kind: "number", down: true, value: (row) => row[2] ? row[3] / row[2] : 0, cell: (row) => quotient(row[3], row[2]) },
		{ key: "cumtime", title: "cumtime", hint: "Seconds in the function and what it calls", kind: "number", down: true, value: (row) => row[4], cell: (row) => seconds(row, 4) },
		{ key: "percallcum", title: "percall", hint: "cumtime / primitive calls", kind: "number", down: true, value: (row) => row[1] ? row[4] / row[1] : 0, cell: (row) => quotient(row[4], row[1]) },
		{ key: "name", title: "filename:lineno(function)", kind: "text", wide: true, value: (row) => model.profile.labels[row[0]], cell: (row) => labelCell(visible(model.profile.labels[row[0]])) },
	];
	const grid = new Grid("Functions", columns, { ...listeners, keyOf: (row) => row[0] });

	grid.fillFrom = (from, matched, mine, sort, reverse, units) => {
		model = from;
		write = units ? duration : seconds3;
		whole = from.profile.total_time;
		let rows = from.profile.rows;
		if (mine)
			rows = rows.filter((row) => from.profile.functions[row[0]][0] !== "~");
		if (matched)
			rows = rows.filter((row) => matched[row[0]]);
		grid.show(rows, sort, reverse);
		return rows.length;
	};
	return grid;
}
