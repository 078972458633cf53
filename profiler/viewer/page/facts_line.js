/* The facts of a request in one line, with a link to the newest request of its route. */
import { embedded, fileAddress } from "./api.js";
import { element } from "./dom.js";
import { go, pageAddress, state } from "./state.js";
import { clockTime, counted, duration, grouped, visible } from "./text.js";

export class FactsLine {
	constructor() {
		this.title = element("h1");
		this.line = element("span", { class: "faint" });
		this.newer = element("a", { class: "newer", hidden: true });
		this.notes = element("div", { class: "notes", role: "note", hidden: true });
		this.host = element("div", { class: "facts" }, this.title, this.newer, this.line);
	}

	show({ profile, tree }) {
		const { facts, exact, total_calls, primitive_calls, total_time, probe_seconds } = profile;
		const target = facts.path ? visible(facts.path + (facts.query ? "?" + facts.query : "")) : visible(profile.id || "profile");

		this.profile = profile;
		this.title.replaceChildren(element("bdi", null, (facts.method ? visible(facts.method) + " " : "") + target));
		this.title.title = target;
		const parts = [
			facts.status ? String(facts.status) : null,
			facts.outcome && visible(facts.outcome),
			facts.elapsed ? duration(facts.elapsed) : null,
			`${counted(total_calls, "call")}${primitive_calls !== total_calls ? ` (${grouped(primitive_calls)} primitive)` : ""}`,
			`${total_time.toFixed(3)} s in functions`,
			facts.started && facts.method ? clockTime(facts.started) : null,
			exact ? "exact call tree" : "pairs only",
			probe_seconds ? `${duration(probe_seconds)} a recorded call` : null,
		].filter(Boolean);
		if (profile.id && !embedded())
			parts.push(element("a", { href: fileAddress(profile.id), download: profile.id, title: "The file, for pstats, snakeviz and komori" }, ".prof"));
		this.line.replaceChildren(...parts.flatMap((one, i) => [i ? " · " : "", element("span", { class: "whole" }, one)]));
		document.title = `${facts.method || ""} ${target} – Komori`;
		const notes = profile.notes.slice();
		if (tree.estimated)
			notes.push("The graph is computed from pairs: shares below the second level are estimates. The table is exact.");
		this.notes.replaceChildren(...notes.map((note) => element("p", null, visible(note))));
		this.notes.hidden = !notes.length;
		if (this.list)
			this.receive(this.list);
	}

	/* Takes a new list of requests. The link to the newest keeps the place in the graph. */
	receive(list) {
		const own = this.profile && list.requests.find((one) => one.id === this.profile.id);
		const route = (one) => `${one.method} ${one.route || one.path}`;
		const newest = own && own.method && list.requests.filter((one) => !one.error && route(one) === route(own)).pop();

		this.list = list;
		this.newer.hidden = !newest || newest.id === own.id || newest.started < own.started;
		if (this.newer.hidden)
			return;
		this.newer.replaceChildren("Newer", element("span", { class: "fine" }, " request of this route"), ` (${duration(newest.elapsed)})`);
		this.newer.href = pageAddress({ ...state(), id: newest.id });
		this.newer.onclick = (event) => {
			event.preventDefault();
			go({ id: newest.id });
		};
	}
}
