/* What is told when a profile cannot be shown: which one, why, what to do, and the way to the list. */
import { embedded } from "./api.js";
import { element } from "./dom.js";
import { listAddress } from "./state.js";
import { visible } from "./text.js";

const LONGEST_NAME = 120;

/* `what`: "nosuch.prof cannot be shown"; `error.status` is the server's; `error.unanswered`: it gave no answer. */
export function failureParts(what, error) {
	return [
		element("h1", null, element("bdi", null, visible(what))),
		element("p", null, visible(error.message)),
		element("p", { class: "faint" }, adviceOn(error)),
		embedded() ? null : element("p", null, element("a", { href: listAddress() }, "Back to the list")),
	].filter(Boolean);
}

/* A name from an address may be of any length. */
export function nameInFailure(id) {
	return id.length > LONGEST_NAME ? id.slice(0, LONGEST_NAME) + "…" : id;
}

function adviceOn({ status, unanswered }) {
	if (embedded())
		return "The page is not whole: export it again.";
	if (status === 404)
		return "Is its name right? Profiles of requests are removed when there are many (PROFILE_KEEP), or with the program that kept them: the list has those that are there.";
	if (unanswered)
		return "Is the program still running? It is asked again.";
	return "The file is damaged, or not one that Komori, cProfile or profile wrote: record it again.";
}
