/* The frame: the bar at the top, the page that the URL names, keys, and the polling of the list. */
import { embedded, fetchRequests } from "./api.js";
import { ComparePage } from "./compare_page.js";
import { button, element, setText } from "./dom.js";
import { helpDialog } from "./help.js";
import { ProfilePage } from "./profile_page.js";
import { RequestsPage } from "./requests_page.js";
import { listAddress, onState, pageAddress, state } from "./state.js";
import { counted } from "./text.js";
import { applyTheme, chosenTheme } from "./theme.js";

const POLL_MS = 1000;
const THEMES = ["", "light", "dark"];
const MAKERS = { requests: RequestsPage, profile: ProfilePage, compare: ComparePage };

const pages = new Map();
let shown = null, list = null, wanted = null, lost = false;

const help = helpDialog();
const links = {
	requests: element("a", null, "Requests"),
	profile: element("a", { hidden: true }, "Profile"),
	compare: element("a", { hidden: true }, "Compare"),
};
const status = element("span", { class: "state", role: "status" });
const themeName = element("span", { class: "fine" });
const theme = button("", "Light or dark (d)", turnTheme, { class: "plain theme" });
theme.append(element("i"), themeName);
const main = element("main", { id: "main" });

function pageOf(name) {
	if (!pages.has(name))
		pages.set(name, new MAKERS[name]());
	return pages.get(name);
}

function show(now) {
	const name = embedded() ? "profile" : now.page in MAKERS ? now.page : "requests";
	const page = pageOf(name);

	if (shown !== page) {
		if (shown)
			shown.leave();
		shown = page;
		main.replaceChildren(page.host);
		page.enter();
		if (list)
			page.receive(list);
		poll();
	}
	links.requests.href = listAddress();
	links.requests.hidden = Boolean(embedded());
	for (const [key, link] of Object.entries(links)) {
		if (key === name && name !== "requests") {
			link.hidden = false;
			link.href = location.hash || "#";
		}
		if (key === name)
			link.setAttribute("aria-current", "page");
		else
			link.removeAttribute("aria-current");
	}
	page.show(now);
}

/* Polls every second while the list is visible, less often on other pages. */
async function poll() {
	clearTimeout(wanted);
	if (embedded() || document.hidden)
		return;
	try {
		const got = await fetchRequests();
		if (got)
			list = got;
		if (got || list.running.length || lost || shown.noResponse)
			shown.receive(list);
		lost = false;
		status.replaceChildren(...countOf(list));
		status.setAttribute("aria-live", "off"); /* a screen reader would read a count every second */
		status.classList.toggle("live", list.live);
	} catch (error) {
		lost = true;
		status.setAttribute("aria-live", "polite");
		setText(status, "no response; trying again");
		status.classList.remove("live");
		if (shown.fail && shown === pages.get("requests"))
			shown.fail(error);
	}
	clearTimeout(wanted);
	const pending = list && list.requests.some((one) => one.pending);
	if (!list || list.live || pending)
		wanted = setTimeout(poll, shown === pages.get("requests") ? POLL_MS : 3 * POLL_MS);
}

/* In two parts. A phone shows the first. */
function countOf({ live, requests }) {
	const [number, noun] = counted(requests.length, live ? "request" : "file").split(" ");

	return [`${live ? "live, " : ""}${number}`, element("span", { class: "fine" }, ` ${noun}`)];
}

function turnTheme() {
	applyTheme(THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length]);
	showTheme();
}

function showTheme() {
	const name = `Theme: ${chosenTheme() || "system"}`;

	setText(themeName, name);
	theme.setAttribute("aria-label", name);
	shown?.themed();
}

function typing(target) {
	return target instanceof Element && target.matches("input[type=search], select, textarea");
}

addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey || help.open || typing(event.target) && event.key !== "Escape")
		return;
	if (event.key === "?")
		help.showModal();
	else if (event.key === "d")
		turnTheme();
	else if (event.key === "q" && !embedded())
		location.hash = listAddress().slice(1);
	else if (!shown.key(event))
		return;
	event.preventDefault();
});
addEventListener("visibilitychange", poll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);

applyTheme(chosenTheme());
document.body.append(
	element("header", { class: "top" }, element("a", { class: "name", href: pageAddress({}) }, "Komori"), element("nav", { "aria-label": "Pages" }, ...Object.values(links)),
		element("span", { class: "grow" }), status, theme, button("?", "Keys (?)", () => help.showModal(), { class: "plain", "aria-label": "Keys" })),
	main, help);
onState(show);
show(state());
showTheme();
