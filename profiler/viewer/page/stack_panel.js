/* The path from the root to a node, and the calls that were open when the process died. */
import { element } from "./dom.js";
import { duration, grouped, placeOf, share } from "./text.js";
import { pathOf, runsOf } from "./tree.js";

const SHOWN = 400;

/* listeners: onzoom(node), onmark(function or -1). */
export function stackOf(model, node, listeners) {
	const { tree, profile } = model;
	const open = profile.facts.stack || [];
	const stack = [element("h3", null, "Call stack, innermost first"), frames(model, pathOf(tree, node), listeners)];

	if (!open.length || !profile.tree)
		return stack;
	return [element("h3", null, `Open when the process died (${profile.facts.outcome || "?"})`), frames(model, open.slice().reverse(), listeners),
		...node === 0 ? [] : stack];
}

function frames(model, path, listeners) {
	const { tree, profile } = model;
	const runs = runsOf(tree, path).reverse();
	const host = element("div", { class: "frames" });

	for (const { node, function: index, times } of runs.slice(0, SHOWN)) {
		const fill = element("span", { class: "fill" });
		fill.style.width = `${tree.totals[0] > 0 ? Math.min(100, 100 * tree.totals[node] / tree.totals[0]).toFixed(1) : 0}%`;
		host.append(element("div", { class: "tree-line", title: `${grouped(tree.calls[node])} calls, ${share(tree.totals[node], tree.totals[0])} of the request` },
			fill, element("span"),
			element("button", { type: "button", "data-function": index, onclick: () => listeners.onzoom(node),
				onmouseenter: () => listeners.onmark(index), onmouseleave: () => listeners.onmark(-1) },
			element("bdi", null, model.names[index]), times > 1 ? ` × ${grouped(times)}` : ""),
			element("span", { class: "n" }, placeOf(profile.functions[index])), element("span", { class: "n" }, duration(tree.totals[node]))));
	}
	if (runs.length > SHOWN)
		host.append(element("div", { class: "faint" }, `${grouped(runs.length - SHOWN)} more`));
	return host;
}
