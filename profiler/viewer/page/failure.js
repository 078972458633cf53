/* The text for a profile that cannot be shown: which one, why, what to do, and a link to the list. */
import { embedded } from "./api.js";
import { element } from "./dom.js";
import { listAddress } from "./state.js";
import { visible } from "./text.js";

const LONGEST_NAME = 120;

/* `what`: "nosuch.prof cannot be shown"; `error.status`: of the response; `error.noResponse`: there was none. */
export function failureParts(what, error) {
	return [
		element("h1", null, element("bdi", null, visible(what))),
		element("p", null, visible(error.message)),
		element("p", { class: "faint" }, adviceOn(error)),
		embedded() ? null : element("p", null, element("a", { href: listAddress() }, "Back to the list")),
	].filter(Boolean);
}

/* A name in an address may have any length. */
export function nameInFailure(id) {
	return id.length > LONGEST_NAME ? id.slice(0, LONGEST_NAME) + "…" : id;
}

function adviceOn({ status, noResponse }) {
	if (embedded())
		return "The page is incomplete: export it again.";
	if (status === 404)
		return "Check the name. Older profiles are removed (PROFILE_KEEP), and a program without PROFILE_DIR removes all of them when it ends. The list shows those that exist.";
	if (noResponse)
		return "Check that the program still runs. The page tries again.";
	return "The file is damaged, or was not written by Komori, cProfile or profile: record it again.";
}
