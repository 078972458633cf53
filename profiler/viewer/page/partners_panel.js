/* Callers and callees of a function: pairs as pstats counts them, which open into exact paths. */
import { element } from "./dom.js";
import { duration, grouped, placeOf } from "./text.js";

const SHOWN = 60;

/* model, function index, listeners {onopen(function), onmark(function or -1)}. Resolves to the panel's children. */
export async function partnersOf(model, index, listeners, work) {
	const { callers } = model.profile;
	const row = model.rows.get(index);
	const paths = model.profile.tree ? { nodes: await model.nodesOf(work), children: await model.children(work) } : null;
	const whole = row ? row[4] : model.tree.totals[0];
	const called = callers.filter((pair) => pair[0] === index).map(([, caller, times, , , cumtime]) => ({ index: caller, calls: times, seconds: cumtime || 0 }));
	const calls = row ? callers.filter((pair) => pair[1] === index).map(([callee, , times, , , cumtime]) => ({ index: callee, calls: times, seconds: cumtime || 0 }))
		: rootCalls(model);
	let found = null;
	const mine = () => found = found || outermost(model, paths.nodes, index); /* not before it is asked for: there may be very many */

	return [
		element("h3", null, `Called by (${called.length})`),
		branch(model, called, whole, listeners, paths && ((caller) => above(model, mine(), caller))),
		element("h3", null, `Calls (${calls.length})`),
		branch(model, calls, whole, listeners, paths && ((callee) => below(model, mine(), callee, paths.children))),
	];
}

/* The callees of an artificial root above functions without callers. */
function rootCalls({ tree }) {
	const calls = [];

	for (let i = 1; i < tree.count && tree.parents[i] === 0; i++)
		calls.push({ index: tree.functions[i], calls: tree.calls[i], seconds: tree.totals[i] });
	return calls;
}

/* The nodes of a function. Those with `outer` lie in no other of them, so their times add up. */
function outermost(model, { first, list }, index) {
	const { parents, functions, count } = model.tree;
	const inside = new Uint8Array(count);

	for (let i = 1; i < count; i++)
		inside[i] = Number(inside[parents[i]] || functions[parents[i]] === index);
	return Array.from(list.subarray(first[index], first[index + 1]), (node) => ({ node, at: node, outer: !inside[node] }));
}

/* Adds a node to the group of a function. */
function addTo(groups, index, tree, node, outer) {
	const group = groups.get(index) || { index, calls: 0, seconds: 0 };

	group.calls += tree.calls[node];
	group.seconds += outer ? tree.totals[node] : 0;
	groups.set(index, group);
}

/* One step up from paths that begin at `caller`, grouped by the function that calls it. */
function above(model, held, caller) {
	const { tree } = model;
	const groups = new Map();
	const moved = held.filter(({ at }) => at !== 0 && tree.functions[tree.parents[at]] === caller)
		.map(({ node, at, outer }) => ({ node, at: tree.parents[at], outer }));

	for (const one of moved) {
		if (one.at === 0)
			continue;
		addTo(groups, tree.functions[tree.parents[one.at]], tree, one.node, one.outer);
	}
	return { entries: [...groups.values()], next: (index) => above(model, moved, index) };
}

/* One step down into `callee`, grouped by the functions that it calls there. */
function below(model, held, callee, { first, list }) {
	const { tree } = model;
	const groups = new Map(), moved = [];

	for (const { at, outer } of held)
		for (let i = first[at]; i < first[at + 1]; i++)
			if (tree.functions[list[i]] === callee)
				moved.push({ node: list[i], at: list[i], outer });
	for (const { at, outer } of moved)
		for (let i = first[at]; i < first[at + 1]; i++)
			addTo(groups, tree.functions[list[i]], tree, list[i], outer);
	return { entries: [...groups.values()], next: (index) => below(model, moved, index, { first, list }) };
}

/* `expand(function)` returns the entries below one; null where paths are unknown. */
function branch(model, entries, whole, listeners, expand) {
	const host = element("div");
	const ordered = entries.slice().sort((left, right) => right.seconds - left.seconds || right.calls - left.calls);
	const add = (count) => {
		host.append(...ordered.splice(0, count).map((entry) => line(model, entry, whole, listeners, expand)));
		if (ordered.length) {
			const more = element("button", { type: "button", onclick: () => {
				more.remove();
				add(1000);
			} }, `${grouped(ordered.length)} more`);
			host.append(more);
		}
	};

	add(SHOWN);
	if (!entries.length)
		host.append(element("div", { class: "faint" }, "none"));
	return host;
}

function line(model, entry, whole, listeners, expand) {
	const name = model.names[entry.index], place = placeOf(model.profile.functions[entry.index]);
	const fill = element("span", { class: "fill" });
	const turn = expand && element("button", { type: "button", class: "turn", "aria-expanded": "false", "aria-label": `Paths through ${name}` }, "▸");
	const one = element("div", { class: "tree-line" }, fill, turn || element("span"),
		element("button", { type: "button", title: `${name} ${place}`, "data-function": entry.index, onclick: () => listeners.onopen(entry.index),
			onmouseenter: () => listeners.onmark(entry.index), onmouseleave: () => listeners.onmark(-1) }, element("bdi", null, name)),
		element("span", { class: "n" }, grouped(entry.calls) + "×"), element("span", { class: "n" }, duration(entry.seconds)));
	const both = element("div", null, one);

	fill.style.width = `${whole > 0 ? Math.min(100, Math.max(0, 100 * entry.seconds / whole)).toFixed(1) : 0}%`;
	if (turn)
		turn.addEventListener("click", () => {
			const open = turn.getAttribute("aria-expanded") === "true";
			turn.setAttribute("aria-expanded", !open);
			turn.textContent = open ? "▸" : "▾";
			if (open) {
				both.lastChild.remove();
				return;
			}
			const { entries, next } = expand(entry.index);
			both.append(element("div", { class: "branch" }, branch(model, entries, whole, listeners, next)));
		});
	return both;
}
