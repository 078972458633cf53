/* The source of a function, when the server can read it. */
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
		return [element("p", { class: "faint" }, "This page works without a server and has no source. "), where(file, line)];
	try {
		const source = await fetchSource(model.profile.id, index);
		return [where(file, line), source.changed ? element("p", { class: "faint" }, "This file changed after the recording: other lines may have run.") : "", ...listing(source)];
	} catch (error) {
		return [where(file, line), element("p", { class: "faint" }, error.message)];
	}
}

/* Returns why a function has no source, or null when it may have one. */
function withoutSource({ profile, tree }, index) {
	const [file, line, name] = profile.functions[index];

	if (file === "~" && name.startsWith("<request "))
		return "This row is the whole request. It is not a function and has no source.";
	if (file === "~" && index === tree.functions[0] && (profile.exact || tree.rootIsMade))
		return "This row is the whole recording. It is not a function and has no source.";
	if (file === "~" && name === "(other)")
		return "Calls of many functions, whose paths had no room in the call tree.";
	if (file === "~" && (profile.exact || name.startsWith("<built-in function ")))
		return "A library function: its source is unknown.";
	if (file === "~")
		return "Built into Python or an extension module, in C: its source is unknown.";
	if (file.startsWith("<frozen "))
		return "A module that is built into Python: its source is unknown.";
	if (file.startsWith("<"))
		return "Python compiled this code from a string (exec, eval): it has no source file.";
	if (file === "profile" && line === 0)
		return "Python's profile adds this row for the whole run. It is not a function and has no source.";
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
