/* The field that finds functions, and what it found. */
import { element, setText } from "./dom.js";
import { findFunctions } from "./search.js";
import { Abandoned } from "./slices.js";
import { go } from "./state.js";
import { grouped, share } from "./text.js";
import { matchedShare } from "./tree.js";

export class SearchBox {
	/* `ondone`: Enter, to go on to what was found. */
	constructor(ondone) {
		this.field = element("input", { type: "search", placeholder: "Search functions  /", "aria-label": "Search functions",
			oninput: () => go({ q: this.field.value }, true), onkeydown: (event) => event.key === "Enter" && ondone() });
		this.regex = element("input", { type: "checkbox", onchange: () => go({ regex: this.regex.checked ? "1" : "" }, true) });
		this.found = element("span", { class: "faint found", role: "status" });
		this.parts = [this.field, element("label", { title: "Search by regular expression" }, this.regex, "regex"), this.found];
		this.matched = null;
	}

	/* Sets `matched`: 1 for each function found, null without a search. */
	show(state, model, work) {
		this.regex.checked = Boolean(state.regex);
		if (this.field.value !== state.q)
			this.field.value = state.q;
		let trouble = null;
		try {
			this.matched = findFunctions(model.profile.labels, state.q, Boolean(state.regex));
		} catch (error) {
			this.matched = null;
			trouble = error.message;
		}
		this.field.classList.toggle("wrong", trouble !== null);
		this.field.title = trouble || "";
		if (this.matched)
			this.measure(model.tree, this.matched, work);
		else
			setText(this.found, trouble ? "not a regular expression" : "");
	}

	async measure(tree, matched, work) {
		const functions = matched.reduce((sum, one) => sum + one, 0);

		try {
			const { seconds } = await matchedShare(tree, matched, work);
			if (this.matched === matched)
				setText(this.found, `${grouped(functions)} ${functions === 1 ? "function" : "functions"}, ${share(seconds, tree.totals[0])}`);
		} catch (error) {
			if (!(error instanceof Abandoned))
				throw error;
		}
	}
}
