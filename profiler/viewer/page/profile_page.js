/* One profile: graph, table, and the panel beside them. The URL holds every choice. */
import { fetchProfile } from "./api.js";
import { fileColours, heatColours, heatStep } from "./colours.js";
import { button, choice, element, replaceHeld, segments, setText } from "./dom.js";
import { Crumbs } from "./crumbs.js";
import { FactsLine } from "./facts_line.js";
import { failureParts, nameInFailure } from "./failure.js";
import { Graph } from "./graph.js";
import { partnersOf } from "./partners_panel.js";
import { ProfileModel } from "./profile_model.js";
import { profileKey } from "./view_keys.js";
import { Progress } from "./progress.js";
import { SearchBox } from "./search_box.js";
import { Abandoned, Work } from "./slices.js";
import { sourceOf } from "./source_panel.js";
import { stackOf } from "./stack_panel.js";
import { go } from "./state.js";
import { fillTable, tableGrid } from "./table_panel.js";
import { duration, grouped, placeOf, share, visible } from "./text.js";
import { Details, Tip } from "./tip.js";
import { matchedSeconds, pathOf } from "./tree.js";

export class ProfilePage {
	constructor() {
		this.id = null;
		this.model = null;
		this.build();
	}

	build() {
		this.facts = new FactsLine();
		this.views = segments("View", [["icicle", "Icicle", "Calls from the top down (1)"], ["sunburst", "Sunburst", "Calls from the middle outwards (2)"],
			["flame", "Flame", "Longest first, from the bottom up (3)"]], (view) => go({ view }));
		this.colouring = segments("Colours", [["file", "by file", "A colour for each file (c)"], ["own", "by own time", "The stronger, the more own time (c)"]],
			(colour) => go({ colour }, true));
		this.depth = choice("Depth", [["0", "all"], ...["3", "5", "8", "12", "20", "50"].map((n) => [n, n])], (depth) => go({ depth }, true));
		this.cut = choice("Cutoff", [["0", "none"], ["0.0001", "0.01 %"], ["0.001", "0.1 %"], ["0.01", "1 %"], ["0.05", "5 %"]], (cut) => go({ cut }, true));
		this.mine = element("input", { type: "checkbox", onchange: () => go({ mine: this.mine.checked ? "1" : "" }) });
		this.search = new SearchBox(() => this.grid.host.focus());
		this.tools = element("div", { class: "tools", role: "toolbar", "aria-label": "View" }, this.views,
			element("label", null, this.mine, "my code"), element("label", null, "depth", this.depth), element("label", null, "cutoff", this.cut),
			this.colouring, ...this.search.parts);

		this.graph = new Graph({
			onhover: (node, event) => this.hover(node, event),
			onopen: (node) => this.zoomTo(node),
			onroot: (node) => go({ root: this.pathText(node), zoom: this.pathText(node), fn: this.nameOf(node) }),
			onup: () => this.up(),
			onmove: (node) => this.moveTo(node),
		});
		this.tip = new Tip();
		this.details = new Details();
		this.crumbs = new Crumbs((node) => this.openShown(node));
		this.resetZoom = button("Reset zoom", "All of the root (0)", () => go({ zoom: this.state.root }));
		this.resetRoot = button("Reset root", "Back to the whole request (Shift+0)", () => go({ root: "", zoom: "" }));
		this.rootHere = button("Root here", "Make the zoomed call the root (r)", () => go({ root: this.state.zoom }));
		this.progress = new Progress("Reading the profile");
		const canvas = element("section", { class: "card canvas", "aria-label": "Call graph" },
			element("header", null, this.crumbs.host, element("div", { class: "zooms" }, this.rootHere, this.resetZoom, this.resetRoot)), this.graph.host, this.details.host, this.progress.host);

		this.table = tableGrid({
			onsort: (sort, reverse) => go({ sort, reverse: reverse ? "1" : "" }, true),
			onopen: (row) => this.focusFunction(row[0]),
			onpoint: (row) => this.graph.mark(row ? row[0] : this.focused),
		});
		this.grid = this.table.grid;
		this.rowCount = element("span", { class: "faint" });
		this.units = segments("Times", [["", "as pstats", "Seconds with three digits (u)"], ["short", "with units", "Three digits and a unit (u)"]],
			(units) => go({ units }, true));
		const table = element("section", { class: "card table", "aria-label": "Functions" },
			element("header", null, element("h2", null, "Functions"), this.rowCount, element("span", { class: "grow" }),
				this.units), this.grid.host);

		this.tabs = segments("Panel", [["callers", "Callers", "Its callers and callees (b)"], ["stack", "Stack", "The call stack (k)"], ["source", "Source", "Its source (s)"]],
			(tab) => go({ tab }, true));
		this.panel = element("div", { class: "panel", tabindex: "0", role: "region", "aria-label": "About the function" });
		this.sideTitle = element("h2", { class: "grow" });
		const side = element("section", { class: "card side", "aria-label": "Function" }, element("header", null, this.sideTitle, this.tabs), this.panel);

		this.work = element("div", { class: "work" }, canvas, side, table);
		this.host = element("div", { class: "page profile loading" }, this.facts.host, this.tools, this.facts.notes, this.work, this.tip.host);
		this.failure = element("div", { class: "failure", role: "alert", hidden: true });
		this.host.append(this.failure);
	}

	async show(state) {
		this.state = state;
		try {
			if (this.id !== state.id)
				await this.load(state.id);
			else if (this.model)
				await this.update();
		} catch (error) {
			if (!(error instanceof Abandoned))
				this.fail(error);
		}
	}

	fail(error) {
		this.noResponse = error.noResponse;
		this.host.classList.remove("loading");
		this.progress.end();
		const name = nameInFailure(this.id || "the profile");
		this.failure.replaceChildren(...failureParts(`${name} cannot be shown`, error));
		document.title = `${visible(name)} – Komori`;
		this.failure.hidden = false;
		this.work.hidden = this.tools.hidden = this.facts.host.hidden = this.facts.notes.hidden = true;
	}

	async load(id) {
		if (this.running)
			this.running.stop();
		const work = this.running = new Work((fraction) => this.progress.at(fraction));

		this.id = id;
		this.model = null;
		this.noResponse = false;
		this.failure.hidden = true;
		this.work.hidden = this.tools.hidden = this.facts.host.hidden = false;
		this.panelShown = null;
		this.panel.replaceChildren();
		this.grid.scrollTo(0);
		this.progress.start("Reading the profile");
		const model = await new ProfileModel(await fetchProfile(id, work)).load(work);
		if (work.stopped)
			throw new Abandoned();
		this.model = model;
		this.facts.show(model);
		this.host.classList.remove("loading");
		await this.update();
	}

	async update() {
		const { state, model } = this;
		const work = new Work((fraction) => this.progress.at(fraction));

		if (this.updating)
			this.updating.stop();
		this.updating = work;
		this.showTools();
		this.search.show(state, model.profile.labels, async (matched) =>
			share(await matchedSeconds(model.tree, matched, work), model.tree.totals[0]));
		this.progress.start("Laying out the calls");
		try {
			const children = await model.children(work);
			this.scene = await model.scene(state.view === "flame", Boolean(state.mine), work);
			this.root = this.scene.nodeOf(model.nodeOfPath(state.root, children));
			this.zoom = this.scene.nodeOf(model.nodeOfPath(state.zoom, children));
			if (!this.within(this.zoom, this.root))
				this.zoom = this.root;
		} finally {
			this.progress.end();
		}
		if (work.stopped)
			throw new Abandoned();
		this.focused = model.functionOfName(state.fn);
		this.showGraph();
		this.showPath();
		this.showTable();
		this.details.show(this.factsOf(this.scene.originalOf(this.zoom)));
		await this.showPanel(work);
	}

	within(node, root) {
		while (node > root)
			node = this.scene.tree.parents[node];
		return node === root;
	}

	showTools() {
		const { state } = this;

		this.views.pick(state.view);
		this.colouring.pick(state.colour);
		this.tabs.pick(this.tab());
		this.units.pick(state.units);
		this.work.classList.toggle("tall", state.view === "sunburst");
		this.depth.value = state.depth;
		this.cut.value = state.cut;
		this.mine.checked = Boolean(state.mine);
	}

	showGraph() {
		const { scene, state, model } = this;
		const { matched } = this.search;
		const { functions } = model.profile;
		const tree = scene.tree;
		const byFile = fileColours(functions), heat = heatColours();
		const whole = tree.totals[this.root];

		this.tip.show(null);
		this.graph.show({
			layout: scene.layout,
			functionOf: (node) => tree.functions[node],
			label: (index) => model.names[index],
			size: (node) => duration(tree.totals[node]),
			colour: state.colour === "own"
				? (node) => heat[heatStep(scene.own[node], whole)]
				: (node) => byFile[tree.functions[node]],
			dimmed: matched ? (node) => !matched[tree.functions[node]] : null,
		}, { kind: state.view, zoom: this.zoom, root: this.root, most: Number(state.depth), cut: Number(state.cut) });
		this.graph.mark(this.focused);
	}

	showPath() {
		const path = pathOf(this.scene.tree, this.zoom);

		this.crumbs.show(this.scene.tree, path.slice(path.indexOf(this.root)), this.model.names);
		this.resetZoom.disabled = this.rootHere.disabled = this.zoom === this.root;
		this.resetRoot.disabled = this.root === 0;
	}

	showTable() {
		const { state, model } = this;
		const { matched } = this.search;
		const key = `${this.id} ${state.q} ${state.regex} ${state.mine} ${state.sort} ${state.reverse} ${state.units} ${Boolean(matched)}`;

		if (this.tableShown !== key) {
			this.tableShown = key;
			const count = fillTable(this.table, model, matched, Boolean(state.mine), state.sort, Boolean(state.reverse), state.units);
			setText(this.rowCount, count === model.profile.rows.length ? grouped(count) : `${grouped(count)} of ${grouped(model.profile.rows.length)}`);
		}
		if (this.grid.chosen !== this.focused)
			this.grid.choose(this.focused, true);
	}

	/* A profile of a process that died opens with the stack. */
	tab() {
		return this.state.tab || (this.model.profile.facts.stack?.length ? "stack" : "callers");
	}

	async showPanel(work) {
		const { model } = this;
		const index = this.focused >= 0 ? this.focused : this.scene.tree.functions[this.zoom];
		const node = this.scene.originalOf(this.zoom);
		const tab = this.tab();
		const key = `${this.id} ${tab} ${index} ${tab === "stack" ? node : ""}`;

		if (this.panelShown === key)
			return;
		this.panelShown = key;
		const mark = (one) => this.graph.mark(one < 0 ? this.focused : one);
		setText(this.sideTitle, model.names[index]);
		this.sideTitle.title = model.names[index];
		let parts;
		if (tab === "stack")
			parts = stackOf(model, node, { onzoom: (at) => this.openShown(this.scene.nodeOf(at)), onmark: mark });
		else if (tab === "source")
			parts = await sourceOf(model, index);
		else
			parts = [this.numbers(index), ...await partnersOf(model, index, { onopen: (one) => this.focusFunction(one), onmark: mark }, work)];
		if (this.panelShown !== key)
			return;
		replaceHeld(this.panel, parts, () => this.panel);
		this.panel.scrollTop = 0;
		const here = this.panel.querySelector(".here");
		if (here)
			this.panel.scrollTop = here.offsetTop - this.panel.offsetTop - 60;
	}

	numbers(index) {
		const { model } = this;
		const row = model.rows.get(index);
		const whole = model.profile.total_time;
		const list = element("dl", { class: "numbers" });
		const place = placeOf(model.profile.functions[index]);

		if (place)
			list.append(element("dt", null, "where"), element("dd", null, element("bdi", null, place)));
		if (row)
			for (const [name, value] of [
				["calls", row[1] === row[2] ? grouped(row[2]) : `${grouped(row[2])} (${grouped(row[1])} primitive)`],
				["own time", `${duration(row[3])}, ${share(row[3], whole)}`],
				["with callees", `${duration(row[4])}, ${share(row[4], whole)}`]])
				list.append(element("dt", null, name), element("dd", null, value));
		list.hidden = !list.firstChild;
		return list;
	}

	pathText(node) {
		return this.model.pathText(this.scene.originalOf(node));
	}

	nameOf(node) {
		return this.model.steadyName(this.scene.tree.functions[node]);
	}

	zoomTo(node) {
		go({ zoom: this.pathText(node), fn: this.nameOf(node) });
	}

	/* Zooms to a node of the shown tree. A node above the root resets the root. */
	openShown(node) {
		const changes = { zoom: this.pathText(node), fn: this.nameOf(node) };

		if (!this.within(node, this.root))
			changes.root = "";
		go(changes);
	}

	up() {
		if (this.zoom !== this.root)
			this.zoomTo(this.scene.tree.parents[this.zoom]);
	}

	focusFunction(index) {
		go({ fn: this.model.steadyName(index) });
	}

	factsOf(original) {
		const { model, scene } = this;
		const node = scene.nodeOf(original), { tree } = scene;
		const index = tree.functions[node];
		const above = tree.totals[tree.parents[node]];
		const numbers = [
			...original === 0 && model.tree.rootIsMade ? [] : [["calls", (tree.estimated || model.tree.estimated ? "about " : "") + grouped(tree.calls[node])]],
			["own", `${duration(scene.own[node])} (${share(scene.own[node], tree.totals[0])})`],
			["total", duration(tree.totals[node])],
			["of request", share(tree.totals[node], tree.totals[0])],
		];

		if (node !== 0)
			numbers.push(["of parent", share(tree.totals[node], above)]);
		if (this.root !== 0)
			numbers.push(["of root", share(tree.totals[node], tree.totals[this.root])]);
		return { title: model.names[index], place: placeOf(model.profile.functions[index]), numbers };
	}

	hover(node, event) {
		if (!this.scene || !this.model)
			return;
		if (node < 0) {
			this.tip.show(null);
			this.graph.mark(this.focused);
			this.details.show(this.factsOf(this.scene.originalOf(this.zoom)));
			return;
		}
		if (this.hovered !== node || this.tip.shown === null) {
			this.hovered = node;
			this.tipFacts = this.factsOf(this.scene.originalOf(node));
			this.graph.mark(this.scene.tree.functions[node]);
			this.details.show(this.tipFacts);
		}
		this.tip.show(this.tipFacts, node, event);
	}

	moveTo(node) {
		this.details.show(this.factsOf(this.scene.originalOf(node)));
		this.graph.mark(this.scene.tree.functions[node]);
	}

	key(event) {
		return profileKey(this, event);
	}

	enter() {
		this.grid.enter();
	}

	receive(list) {
		this.facts.receive(list);
		if (this.noResponse) {
			this.id = null;
			this.show(this.state);
		}
	}

	themed() {
		if (this.scene)
			this.showGraph();
	}

	leave() {
		this.tip.show(null);
	}
}
