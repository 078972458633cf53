/* The search field for functions, and its result. */
import { element, setText } from "./dom.js";
import { Abandoned } from "./slices.js";
import { go } from "./state.js";
import { counted } from "./text.js";

export class SearchBox {
	/* `ondone`: called by Enter. */
	constructor(ondone) {
		this.field = element("input", { type: "search", placeholder: "Search functions  /", "aria-label": "Search functions",
			oninput: () => go({ q: this.field.value }, true), onkeydown: (event) => event.key === "Enter" && ondone() });
		this.regex = element("input", { type: "checkbox", onchange: () => go({ regex: this.regex.checked ? "1" : "" }, true) });
		this.found = element("span", { class: "faint found", role: "status" });
		this.parts = [this.field, element("label", { title: "Search by regular expression" }, this.regex, "regex"), this.found];
		this.matched = null;
	}

	/* Sets `matched`: 1 for each match, null without a search. `measure(matched)` returns a text about them, or a
	 * promise of one. */
	show(state, labels, measure) {
		this.regex.checked = Boolean(state.regex);
		if (this.field.value !== state.q)
			this.field.value = state.q;
		let trouble = null;
		try {
			this.matched = findFunctions(labels, state.q, Boolean(state.regex));
		} catch (error) {
			this.matched = null;
			trouble = error.message;
		}
		this.field.classList.toggle("wrong", trouble !== null);
		this.field.title = trouble || "";
		if (this.matched)
			this.showResult(this.matched, measure);
		else
			setText(this.found, trouble ? "not a regular expression" : "");
	}

	async showResult(matched, measure) {
		const functions = matched.reduce((sum, one) => sum + one, 0);

		try {
			const text = await measure(matched);
			if (this.matched === matched)
				setText(this.found, `${counted(functions, "function")}, ${text}`);
		} catch (error) {
			if (!(error instanceof Abandoned))
				throw error;
		}
	}
}

/* Returns a Uint8Array with 1 for each match, or null without a text. Throws SyntaxError for a bad expression. */
function findFunctions(labels, text, regex) {
	if (!text)
		return null;
	const expression = regex && new RegExp(text, "iu"), lower = text.toLowerCase();
	return Uint8Array.from(labels, (label) => Number(expression ? expression.test(label) : label.toLowerCase().includes(lower)));
}
