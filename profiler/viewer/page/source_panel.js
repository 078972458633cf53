/* The source of a function, where the server can read it. */
import { embedded, fetchSource } from "./api.js";
import { element } from "./dom.js";
import { visible } from "./text.js";

const BEFORE = 30, AFTER = 170;

export async function sourceOf(model, index) {
	const [file, line] = model.profile.functions[index];

	if (file === "~")
		return [element("p", { class: "faint" }, "A library's function: its source is not known.")];
	if (embedded())
		return [element("p", { class: "faint" }, "This page stands alone: it has no source. "), where(file, line)];
	try {
		const source = await fetchSource(model.profile.id, index);
		return [where(file, line), ...listing(source)];
	} catch (error) {
		return [where(file, line), element("p", { class: "faint" }, error.message)];
	}
}

function where(file, line) {
	return element("p", { class: "mono faint" }, element("bdi", null, visible(`${file}:${line}`)));
}

function listing({ text, first, line }) {
	const lines = text.split("\n");
	const at = Math.max(0, Math.min(lines.length - 1, line - first));
	const host = element("div", { class: "source", tabindex: "0", role: "region", "aria-label": "Source" });
	const show = (from, to) => host.replaceChildren(...lines.slice(from, to).map((one, i) =>
		element("div", { "data-line": first + from + i, class: first + from + i === line ? "here" : "" }, visible(one.replaceAll("\t", "    ")) || " ")));
	const from = Math.max(0, at - BEFORE), to = Math.min(lines.length, at + AFTER);

	show(from, to);
	if (from === 0 && to === lines.length)
		return [host];
	const all = element("button", { type: "button", onclick: () => {
		show(0, lines.length);
		all.remove();
		host.querySelector(".here")?.scrollIntoView({ block: "center" });
	} }, `All ${lines.length} lines`);
	return [all, host];
}
