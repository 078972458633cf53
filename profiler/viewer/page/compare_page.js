/* The comparison of two requests. */
import { fetchCompare } from "./api.js";
import { changeColour } from "./colours.js";
import { Crumbs } from "./crumbs.js";
import { button, element, segments, setText } from "./dom.js";
import { failureParts, nameInFailure } from "./failure.js";
import { Graph } from "./graph.js";
import { Grid } from "./grid.js";
import { layOut } from "./layout.js";
import { nodeOfPath, pathText, steadyNames } from "./path_text.js";
import { Progress } from "./progress.js";
import { SearchBox } from "./search_box.js";
import { Abandoned, Work } from "./slices.js";
import { go, pageAddress } from "./state.js";
import { changed, duration, grouped, placeOf, shortName, signed, visible } from "./text.js";
import { Details, Tip } from "./tip.js";
import { linkChildren, ownTimes, pathOf } from "./tree.js";
import { viewKey } from "./view_keys.js";

export class ComparePage {
	constructor() {
		this.sentence = element("h1", { class: "sentence" });
		this.sides = element("div", { class: "sides" });
		this.swap = button("Swap", "Before becomes after", () => go({ before: this.state.after, after: this.state.before }));
		this.widths = segments("Widths", [["both", "the longer", "Widths are the longer of both times: calls that appeared or vanished are visible"],
			["before", "before", "Widths are times before: calls that appeared are not visible"], ["after", "after", "Widths are times after: calls that vanished are not visible"]],
			(width) => go({ width }, true));
		this.views = segments("View", [["icicle", "Icicle", "(1)"], ["sunburst", "Sunburst", "(2)"], ["flame", "Flame", "(3)"]], (view) => go({ view }));
		this.graph = new Graph({
			onhover: (node, event) => this.hover(node, event),
			onopen: (node) => this.scene && go({ zoom: this.pathText(node) }),
			onroot: (node) => this.scene && go({ zoom: this.pathText(node) }),
			onup: () => this.up(),
			onmove: (node) => this.scene && this.details.show(this.factsOf(node)),
		});
		this.tip = new Tip();
		this.details = new Details();
		this.details.host.id = "compare-details";
		this.graph.canvas.setAttribute("aria-describedby", "compare-details");
		this.crumbs = new Crumbs((node) => go({ zoom: this.pathText(node) }));
		this.resetZoom = button("Reset zoom", "The whole request (0)", () => go({ zoom: "" }));
		this.progress = new Progress("Comparing");
		this.grid = this.makeGrid();
		this.failure = element("div", { class: "failure", role: "alert", hidden: true });
		this.noTree = element("p", { class: "notes", hidden: true }, "Paths are compared only when both files have an exact call tree. The table compares functions.");
		this.canvas = element("section", { class: "card canvas", "aria-label": "Call graph" },
			element("header", null, this.crumbs.host, element("div", { class: "zooms" }, this.resetZoom)), this.graph.host, this.details.host, this.progress.host);
		this.search = new SearchBox(() => this.grid.host.focus());
		this.same = element("div", { class: "empty", hidden: true });
		const table = element("section", { class: "card table", "aria-label": "Functions that changed" },
			element("header", null, element("h2", null, "Functions"), element("div", { class: "tools" }, ...this.search.parts)), this.grid.host, this.same);
		this.work = element("div", { class: "work" }, this.canvas, table);
		this.graphTools = element("div", { class: "tools" }, this.views, element("label", null, "width is", this.widths),
			element("span", { class: "key" }, ...[["red", "grew, appeared"], ["blue", "shrank, vanished"], ["none", "same"]].map(([tone, text]) =>
				element("span", null, element("i", { class: tone }), text))));
		this.tools = element("div", { class: "tools", role: "toolbar", "aria-label": "View" }, this.graphTools, this.swap);
		this.host = element("div", { class: "page compare loading" }, this.sentence, this.sides, this.tools, this.noTree, this.work, this.failure, this.tip.host);
	}

	makeGrid() {
		const number = (key, title, at, side, write) => ({ key, title, kind: "number", down: true,
			value: (row) => row[side] ? row[side][at] : -1, cell: (row) => row[side] ? write(row[side][at]) : "–" });
		const change = (key, title, at, write) => ({ key, title, kind: "number", down: true, value: (row) => Math.abs(delta(row, at)),
			cell: (row) => element("span", { class: tone(delta(row, at)) }, signed(write(delta(row, at)), delta(row, at))) });

		return new Grid("Functions that changed", [
			number("before", "calls before", 0, "before", grouped), number("after", "after", 0, "after", grouped), change("calls", "change", 0, grouped),
			number("tbefore", "cumtime before", 2, "before", duration), number("tafter", "after", 2, "after", duration), change("time", "change", 2, duration),
			{ key: "state", title: "state", kind: "text", value: (row) => stateOf(row), cell: (row) => element("span", { class: `tag ${stateOf(row) === "appeared" ? "bad" : "now"}`, hidden: !stateOf(row) }, stateOf(row)) },
			{ key: "name", title: "filename:lineno(function)", kind: "text", wide: true, value: (row) => this.names[row.function],
				cell: (row) => element("bdi", { class: "mono" }, `${this.names[row.function]} `, element("span", { class: "faint" }, placeOf(this.data.functions[row.function]))) },
		], {
			onsort: (order, reverse) => go({ order, reverse: reverse ? "1" : "" }, true),
			onopen: (row) => go({ fn: this.steadyNames[row.function] }),
			onpoint: (row) => this.graph.mark(row ? row.function : this.focused),
			keyOf: (row) => row.function,
		});
	}

	async show(state) {
		this.state = state;
		const key = `${state.before}\n${state.after}`;
		try {
			if (this.shown !== key)
				await this.load(key);
			if (this.data && this.state === state)
				await this.update();
		} catch (error) {
			if (error instanceof Abandoned)
				return;
			this.noResponse = error.noResponse;
			this.progress.end();
			this.failure.replaceChildren(...failureParts(`${nameInFailure(state.before)} and ${nameInFailure(state.after)} cannot be compared`, error));
			this.failure.hidden = false;
			this.hide(true);
			this.host.classList.remove("loading");
		}
	}

	async load(key) {
		this.shown = key;
		this.grid.show([], "", false);
		this.data = this.scene = null; /* the mouse may still be over boxes of the last comparison */
		this.noResponse = false;
		this.failure.hidden = true;
		this.hide(false);
		this.progress.start("Comparing");
		const data = await fetchCompare(this.state.before, this.state.after);
		if (this.shown !== key)
			throw new Abandoned();
		this.names = data.functions.map(shortName);
		this.labels = data.functions.map(([file, line], index) => `${file}:${line}(${this.names[index]})`);
		this.steadyNames = steadyNames(data.functions);
		this.data = data;
		this.layouts = new Map();
		this.progress.end();
		this.sentence.textContent = visible(data.sentence);
		this.sides.replaceChildren(...this.side("before", data.before), element("span", { class: "faint" }, "→"), ...this.side("after", data.after));
		document.title = "Compare – Komori";
		this.host.classList.remove("loading");
	}

	hide(hidden) {
		for (const one of [this.sentence, this.sides, this.tools, this.work])
			one.hidden = hidden;
		this.noTree.hidden ||= hidden;
	}

	side(which, facts) {
		const elapsed = facts.elapsed || this.data.rows.reduce((sum, row) => sum + (row[which] ? row[which][1] : 0), 0); /* as pstats' total */

		const name = visible(facts.path ? `${facts.method || ""} ${facts.path}${facts.query ? "?" + facts.query : ""}` : this.state[which]);

		return [element("a", { href: pageAddress({ page: "profile", id: this.state[which] }), title: name }, element("bdi", { class: "mono" }, name)),
		element("span", { class: "faint" }, `${which}, ${duration(elapsed)}`)];
	}

	async update() {
		const { state, data } = this;
		const nodes = data.nodes;
		const width = state.width || "both";

		this.views.pick(state.view);
		this.widths.pick(width);
		this.focused = state.fn ? this.steadyNames.indexOf(state.fn) : -1;
		this.search.show(state, this.labels, (matched) => this.ownTimes(matched));
		const listed = data.rows.filter((row) => this.listed(row));
		setText(this.same, this.search.matched ? "No function matches." : "Nothing differs: the same functions, calls and times.");
		this.grid.host.hidden = listed.length === 0;
		this.same.hidden = !this.grid.host.hidden;
		this.grid.show(listed, state.order === "started" ? "calls" : state.order, Boolean(state.reverse));
		this.grid.choose(this.focused);
		const exact = nodes.function.length > 0;
		this.noTree.hidden = exact;
		this.canvas.hidden = this.graphTools.hidden = !exact;
		if (!exact)
			return;
		const heavy = state.view === "flame";
		const key = `${width} ${heavy}`;
		if (!this.layouts.has(key)) {
			const work = new Work((fraction) => this.progress.at(fraction));
			this.progress.start("Laying out the calls");
			const tree = await treeOf(nodes, width, work);
			this.layouts.set(key, { tree, layout: await layOut(tree, heavy, work), children: await linkChildren(tree, work) });
			this.progress.end();
			if (this.state !== state)
				throw new Abandoned();
		}
		this.scene = this.layouts.get(key);
		this.zoom = nodeOfPath(this.scene.tree, this.steadyNames, this.scene.children, state.zoom);
		this.showGraph();
		this.crumbs.show(this.scene.tree, pathOf(this.scene.tree, this.zoom), this.names);
		this.resetZoom.disabled = this.zoom === 0;
		this.details.show(this.factsOf(this.zoom));
	}

	/* Changed rows; with a search, all matching rows. */
	listed(row) {
		const { matched } = this.search;

		return matched ? matched[row.function] : [0, 1, 2].some((at) => delta(row, at) !== 0) || stateOf(row);
	}

	/* The own times of the matching functions, before and after. */
	ownTimes(matched) {
		const [before, after] = ["before", "after"].map((side) =>
			this.data.rows.reduce((sum, row) => sum + (matched[row.function] && row[side] ? row[side][1] : 0), 0));

		return `own time ${duration(before)} → ${duration(after)}`;
	}

	showGraph() {
		const { matched } = this.search;
		const { scene, state, data } = this;
		const { before_total: before, after_total: after } = data.nodes;

		this.tip.show(null);
		this.graph.show({
			layout: scene.layout,
			functionOf: (node) => scene.tree.functions[node],
			label: (index) => this.names[index],
			size: (node) => before[node] === null ? "appeared" : after[node] === null ? "vanished" : changed(before[node], after[node]),
			colour: (node) => changeColour(before[node] === null ? 1 : after[node] === null ? -1 : (after[node] - before[node]) / Math.max(after[node], before[node], 1e-12)),
			dimmed: matched ? (node) => !matched[scene.tree.functions[node]] : null,
		}, { kind: state.view, zoom: this.zoom, root: 0, most: 0, cut: 0 });
		this.graph.mark(this.focused);
	}

	pathText(node) {
		return pathText(this.scene.tree, this.steadyNames, node);
	}

	up() {
		if (this.scene)
			go({ zoom: this.pathText(this.scene.tree.parents[this.zoom]) });
	}

	factsOf(node) {
		const { function: functions, before_calls, after_calls, before_total, after_total } = this.data.nodes;
		const index = functions[node];
		const pair = (before, after, write) => before === null ? `${write(after)}, appeared` : after === null ? `${write(before)}, vanished` : `${write(before)} → ${write(after)} (${changed(before, after)})`;

		return { title: this.names[index], place: placeOf(this.data.functions[index]), numbers: [
			["calls", pair(before_calls[node], after_calls[node], grouped)], ["total", pair(before_total[node], after_total[node], duration)]] };
	}

	hover(node, event) {
		if (!this.scene)
			return;
		const facts = this.factsOf(node < 0 ? this.zoom : node);

		this.tip.show(node < 0 ? null : facts, node, event);
		this.details.show(facts);
		this.graph.mark(node < 0 ? this.focused : this.scene.tree.functions[node]);
	}

	key(event) {
		if (event.key !== "x")
			return viewKey(this, event, this.grid.host);
		this.swap.click();
		return true;
	}

	receive() {
		if (this.noResponse) {
			this.shown = null;
			this.show(this.state);
		}
	}

	enter() {
		this.grid.enter();
	}

	themed() {
		if (this.scene)
			this.showGraph();
	}

	leave() {
		this.tip.show(null);
	}
}

/* The tree of both profiles; `width` chooses the totals. */
async function treeOf(nodes, width, work) {
	const column = (name) => Float64Array.from(nodes[name]); /* null becomes 0 */
	const tree = { count: nodes.function.length, functions: Uint32Array.from(nodes.function), parents: Uint32Array.from(nodes.parent) };

	if (width !== "both")
		return { ...tree, totals: column(width + "_total") };
	/* The longer own time of each node, so that callees fit into their caller. */
	const [before, after] = [await ownTimes({ ...tree, totals: column("before_total") }, work), await ownTimes({ ...tree, totals: column("after_total") }, work)];
	const totals = before.map((own, node) => Math.max(0, own, after[node]));
	for (let node = tree.count - 1; node > 0; node--)
		totals[tree.parents[node]] += totals[node];
	return { ...tree, totals };
}

function delta(row, at) {
	return (row.after ? row.after[at] : 0) - (row.before ? row.before[at] : 0);
}

function stateOf(row) {
	return row.before ? row.after ? "" : "vanished" : "appeared";
}

function tone(change) {
	return change > 0 ? "grew" : change < 0 ? "shrank" : "";
}
