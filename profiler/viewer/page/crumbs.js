/* The path from the root to the zoomed call; runs of one function are one step. */
import { element, replaceHeld } from "./dom.js";
import { grouped } from "./text.js";
import { runsOf } from "./tree.js";

const SHOWN = 40, FIRST = 2;

export class Crumbs {
	constructor(onopen) {
		this.onopen = onopen;
		this.host = element("nav", { class: "crumbs", "aria-label": "Path of the zoomed call" });
	}

	/* `path`: nodes of the tree, the root first. */
	show(tree, path, names) {
		const runs = runsOf(tree, path), last = runs.length - 1;
		const parts = [];

		runs.forEach(({ node, function: index, times }, i) => {
			if (runs.length > SHOWN && i >= FIRST && i < runs.length - SHOWN + FIRST) {
				if (i === FIRST)
					parts.push(element("span", null, "› …"));
				return;
			}
			if (i)
				parts.push(element("span", { "aria-hidden": "true" }, "›"));
			parts.push(element("button", { type: "button", "aria-current": i === last ? "location" : null, onclick: () => this.onopen(node) },
				element("bdi", null, names[index]), times > 1 ? ` × ${grouped(times)}` : ""));
		});
		replaceHeld(this.host, parts, () => this.host.lastChild);
		this.host.scrollLeft = this.host.scrollWidth;
	}
}
