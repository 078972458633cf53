/* The source of a function, where the server can read it. */
import { embedded, fetchSource } from "./api.js";
import { element } from "./dom.js";
import { visible } from "./text.js";

const BEFORE = 30, AFTER = 170;

export async function sourceOf(model, index) {
	const [file, line] = model.profile.functions[index];
	const why = withoutSource(model, index);

	if (why)
		return [element("p", { class: "faint" }, why)];
	if (embedded())
		return [element("p", { class: "faint" }, "This page stands alone: it has no source. "), where(file, line)];
	try {
		const source = await fetchSource(model.profile.id, index);
		return [where(file, line), source.changed ? element("p", { class: "faint" }, "This file was changed after this was recorded: its lines may not be those that ran.") : "", ...listing(source)];
	} catch (error) {
		return [where(file, line), element("p", { class: "faint" }, error.message)];
	}
}

/* Why there is none to ask for; null when there may be one. */
function withoutSource({ profile, tree }, index) {
	const [file, line, name] = profile.functions[index];

	if (file === "~" && name.startsWith("<request "))
		return "The request itself, above all of its calls: it is no function and has no source.";
	if (file === "~" && index === tree.functions[0] && (profile.exact || tree.rootIsMade))
		return "All that was recorded, above all of its calls: it is no function and has no source.";
	if (file === "~" && name === "(other)")
		return "Calls of many functions, whose paths found no room in the call tree: they have no source in common.";
	if (file === "~" && (profile.exact || name.startsWith("<built-in function ")))
		return "A library's function: its source is not known.";
	if (file === "~")
		return "Built into Python or an extension module, in C: its source is not known.";
	if (file.startsWith("<frozen "))
		return "A module that is built into Python: its source is not known.";
	if (file.startsWith("<"))
		return "Code that Python made from a text (exec, eval and the like): there is no file with its source.";
	if (file === "profile" && line === 0)
		return "A row that Python's profile adds for the whole run: it is no function and has no source.";
	return null;
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
