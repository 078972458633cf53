/* Two requests: what grew, what shrank, what is new, what is gone. */
import { fetchCompare } from "./api.js";
import { changeColour } from "./colours.js";
import { Crumbs } from "./crumbs.js";
import { button, element, segments } from "./dom.js";
import { Graph } from "./graph.js";
import { Grid } from "./grid.js";
import { layOut } from "./layout.js";
import { Progress } from "./progress.js";
import { Abandoned, Work } from "./slices.js";
import { go, pageAddress } from "./state.js";
import { changed, duration, grouped, placeOf, shortName, signed, visible } from "./text.js";
import { Details, Tip } from "./tip.js";
import { pathOf } from "./tree.js";

export class ComparePage {
	constructor() {
		this.sentence = element("h1", { class: "sentence" });
		this.sides = element("div", { class: "facts" });
		this.swap = button("Swap", "Before becomes after", () => go({ before: this.state.after, after: this.state.before }));
		this.widths = segments("Widths", [["before", "Before", "Widths are times before; what is new is not seen"], ["after", "After", "Widths are times after; what is gone is not seen"]],
			(width) => go({ width, zoom: "" }));
		this.views = segments("View", [["icicle", "Icicle", "(1)"], ["sunburst", "Sunburst", "(2)"], ["flame", "Flame", "(3)"]], (view) => go({ view }));
		this.graph = new Graph({
			onhover: (node, event) => this.hover(node, event),
			onopen: (node) => go({ zoom: this.pathText(node) }),
			onroot: (node) => go({ zoom: this.pathText(node) }),
			onup: () => this.up(),
			onmove: (node) => this.details.show(this.factsOf(node)),
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
		this.noTree = element("div", { class: "empty", hidden: true }, "Paths are compared where both files have an exact call tree.");
		this.work = element("div", { class: "work" },
			element("section", { class: "card canvas", "aria-label": "Call graph" }, element("header", null, this.crumbs.host, this.resetZoom),
				this.graph.host, this.noTree, this.details.host, this.progress.host),
			element("section", { class: "card table", "aria-label": "Functions that changed" }, this.grid.host));
		this.host = element("div", { class: "page compare loading" }, this.sentence, this.sides,
			element("div", { class: "tools", role: "toolbar", "aria-label": "View" }, this.views, element("label", null, "width is", this.widths), this.swap,
				element("span", { class: "key" }, ...[["red", "grew, appeared"], ["blue", "shrank, vanished"], ["none", "same"]].map(([tone, text]) =>
					element("span", null, element("i", { class: tone }), text)))),
			this.work, this.failure, this.tip.host);
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
			onopen: (row) => go({ fn: String(row.function) }),
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
			this.progress.end();
			this.failure.textContent = error.message;
			this.failure.hidden = false;
			this.work.hidden = true;
			this.host.classList.remove("loading");
		}
	}

	async load(key) {
		this.shown = key;
		this.grid.show([], "", false);
		this.data = null;
		this.failure.hidden = true;
		this.work.hidden = false;
		this.progress.start("Comparing");
		const data = await fetchCompare(this.state.before, this.state.after);
		if (this.shown !== key)
			throw new Abandoned();
		this.names = data.functions.map(shortName);
		this.data = data;
		this.layouts = new Map();
		this.progress.end();
		this.sentence.textContent = visible(data.sentence);
		this.sides.replaceChildren(...this.side("before", data.before), element("span", { class: "faint" }, "→"), ...this.side("after", data.after));
		document.title = "Compare – Komori";
		this.host.classList.remove("loading");
	}

	side(which, facts) {
		return [element("a", { href: pageAddress({ page: "profile", id: this.state[which] }) },
			element("bdi", { class: "mono" }, visible(facts.path ? `${facts.method || ""} ${facts.path}${facts.query ? "?" + facts.query : ""}` : this.state[which]))),
		element("span", { class: "faint" }, `${which}, ${duration(facts.elapsed || 0)}`)];
	}

	async update() {
		const { state, data } = this;
		const nodes = data.nodes;
		const longer = (nodes.before_total[0] || 0) > (nodes.after_total[0] || 0) ? "before" : "after";
		const width = state.width || longer;

		this.views.pick(state.view);
		this.widths.pick(width);
		this.focused = state.fn === "" ? -1 : Number(state.fn);
		this.grid.show(data.rows.filter((row) => [0, 1, 2].some((at) => delta(row, at) !== 0) || stateOf(row)), state.order === "started" ? "calls" : state.order, Boolean(state.reverse));
		this.grid.choose(this.focused);
		const exact = nodes.function.length > 0;
		this.noTree.hidden = exact;
		this.graph.host.hidden = this.details.host.hidden = !exact;
		if (!exact)
			return;
		const heavy = state.view === "flame";
		const key = `${width} ${heavy}`;
		if (!this.layouts.has(key)) {
			const tree = {
				count: nodes.function.length, functions: Uint32Array.from(nodes.function), parents: Uint32Array.from(nodes.parent),
				calls: Float64Array.from(nodes[width + "_calls"]), totals: Float64Array.from(nodes[width + "_total"]),
			};
			const work = new Work((fraction) => this.progress.at(fraction));
			this.progress.start("Laying out the calls");
			this.layouts.set(key, { tree, layout: await layOut(tree, heavy, work) });
			this.progress.end();
			if (this.state !== state)
				throw new Abandoned();
		}
		this.scene = this.layouts.get(key);
		this.zoom = this.nodeOfPath(state.zoom);
		this.showGraph();
		this.crumbs.show(this.scene.tree, pathOf(this.scene.tree, this.zoom), this.names);
		this.resetZoom.disabled = this.zoom === 0;
		this.details.show(this.factsOf(this.zoom));
	}

	showGraph() {
		const { scene, state, data } = this;
		const { before_total: before, after_total: after } = data.nodes;

		this.graph.show({
			layout: scene.layout,
			functionOf: (node) => scene.tree.functions[node],
			label: (index) => this.names[index],
			colour: (node) => changeColour(before[node] === null ? 1 : after[node] === null ? -1 : (after[node] - before[node]) / Math.max(after[node], before[node], 1e-12)),
		}, { kind: state.view, zoom: this.zoom, root: 0, most: 0, cut: 0 });
		this.graph.mark(this.focused);
	}

	/* A node's number: both profiles are named in the URL, so it stays what it is. */
	pathText(node) {
		return node ? String(node) : "";
	}

	nodeOfPath(text) {
		const node = Number(text);

		return Number.isInteger(node) && node >= 0 && node < this.scene.tree.count ? node : 0;
	}

	up() {
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
		const views = { 1: "icicle", 2: "sunburst", 3: "flame" };

		if (event.key in views)
			go({ view: views[event.key] });
		else if (event.key === "0")
			go({ zoom: "" });
		else if (event.key === "Backspace" && this.scene)
			this.up();
		else if (event.key === "x")
			this.swap.click();
		else if (event.key === "g")
			this.graph.canvas.focus();
		else if (event.key === "t")
			this.grid.host.focus();
		else
			return false;
		return true;
	}

	hear() {}

	themed() {
		if (this.scene)
			this.showGraph();
	}

	leave() {
		this.tip.show(null);
	}
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
