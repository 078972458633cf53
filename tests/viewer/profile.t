#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const fs = require("fs");
const path = require("path");
const { becomes, clickBox, crumbs, drawn, hoverBox, ok, run, same, text, texts, tip } = require("./viewer.js");

const SECONDS = { s: 1, ms: 1e-3, "µs": 1e-6, ns: 1e-9 };

/* before.prof, from the top: request, plans, answer, plan_by_trying, nine times expand, heaviest. */
const EXPANDS = 4;
const attribute = (page, name) => () => page.getAttribute(".graph", name);
const hash = (page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

async function graph(open) {
	const page = await open("#id=before.prof");

	same(await text(page, ".facts h1")(), "GET /plans?items=1,2,3", "the request is named");
	await hoverBox(page, 1, 0.5);
	await becomes(() => tip(page), { what: "plans", calls: "1", own: "40.0 µs (< 0.1 %)", total: "155 ms", "of request": "100.0 %", "of parent": "100.0 %" },
		"the tip of a box has calls, own and total time, shares");
	same(await page.locator(".tip .mono").textContent(), "main.c:30", "file and line");
	await hoverBox(page, EXPANDS, 0.5);
	await becomes(attribute(page, "data-marked"), "9", "and marks every box of the function");
	ok((await page.locator(".details").textContent()).startsWith("expand by_trying.c:22"), "the line below shows the same");

	await clickBox(page, EXPANDS + 1, 0.5);
	await becomes(crumbs(page), ["{request GET /plans}", "plans", "answer", "plan_by_trying", "expand × 2"], "a click zooms; the path is above");
	await becomes(text(page, ".side h2"), "expand", "the panel shows that function");
	await page.reload();
	await drawn(page);
	await becomes(crumbs(page), ["{request GET /plans}", "plans", "answer", "plan_by_trying", "expand × 2"], "a reload keeps the zoom");
	await page.click(".crumbs button >> nth=2");
	await becomes(crumbs(page), ["{request GET /plans}", "plans", "answer"], "a click on the path goes up");
	await page.goBack();
	await becomes(() => crumbs(page)().then((all) => all.length), 5, "back");
	await page.goForward();
	await becomes(() => crumbs(page)().then((all) => all.length), 3, "and forward");
	await page.click("text=Reset zoom");
	await becomes(() => crumbs(page)().then((all) => all.length), 1, "Reset zoom shows all");
	ok(await page.locator("text=Reset zoom").isDisabled(), "and has nothing left to do");
	await clickBox(page, 2, 0.5);
	await becomes(() => crumbs(page)().then((all) => all.length), 3, "zoomed to answer");
	await page.click("text=Root here");
	await becomes(crumbs(page), ["answer"], "Root here takes it as the whole");
	await hoverBox(page, 1, 0.5);
	await becomes(() => tip(page).then((shown) => shown["of root"]), "99.6 %", "the tip has the share of the root");
	await page.click("text=Reset root");
	await becomes(crumbs(page), ["{request GET /plans}"], "Reset root shows the request");
	const box = await page.locator(".graph .overlay").boundingBox();
	const steps = await page.evaluate(() => history.length);
	await page.mouse.dblclick(box.x + box.width / 2, box.y + 50);
	await becomes(crumbs(page), ["{request GET /plans}", "plans", "answer"], "a double click zooms as one does");
	same(await page.evaluate(() => history.length), steps + 1, "in one step");
	await page.context().close();
}

async function keys(open) {
	const page = await open("#id=before.prof");

	await page.keyboard.press("g");
	for (let i = 0; i < 3; i++)
		await page.keyboard.press("ArrowDown");
	await becomes(() => page.locator(".details b").textContent(), "plan_by_trying", "arrows go to the longest callee");
	await page.keyboard.press("ArrowRight");
	await becomes(() => page.locator(".details b").textContent(), "{built-in function qsort}", "and to the neighbour");
	await page.keyboard.press("ArrowLeft");
	await page.keyboard.press("Enter");
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "plan_by_trying", "Enter zooms");
	await page.keyboard.press("Backspace");
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "answer", "Backspace zooms out");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("r");
	await becomes(crumbs(page), ["plan_by_trying"], "r makes a root");
	await page.keyboard.press("Shift+0");
	await becomes(crumbs(page), ["{request GET /plans}"], "Shift+0 resets it");
	for (const [key, view] of [["2", "sunburst"], ["3", "flame"], ["1", "icicle"]]) {
		await page.keyboard.press(key);
		await becomes(() => page.getAttribute(`.segments button[data-value=${view}]`, "aria-pressed"), "true", `${key} shows the ${view}`);
	}
	await page.keyboard.press("c");
	await becomes(() => page.getAttribute(".segments button[data-value=own]", "aria-pressed"), "true", "c colours by own time");
	for (const [key, tab] of [["k", "stack"], ["s", "source"], ["b", "callers"]]) {
		await page.keyboard.press(key);
		await becomes(() => page.getAttribute(`.segments button[data-value=${tab}]`, "aria-pressed"), "true", `${key} opens ${tab}`);
	}
	await page.keyboard.press("]");
	await becomes(() => hash(page).get("depth"), "3", "] bounds the depth");
	await page.keyboard.press(".");
	await becomes(() => hash(page).get("cut"), "0.01", ". raises the cutoff");
	await page.keyboard.press("d");
	await becomes(() => page.getAttribute("html", "data-theme"), "light", "d chooses light");
	await page.keyboard.press("d");
	await becomes(() => page.getAttribute("html", "data-theme"), "dark", "then dark");
	await page.reload();
	await drawn(page);
	same(await page.getAttribute("html", "data-theme"), "dark", "which is kept");
	await page.context().close();
}

async function views(open) {
	const page = await open("#id=before.prof");
	const box = await page.locator(".graph .overlay").boundingBox();

	await page.click("text=Sunburst");
	await drawn(page);
	const round = await page.locator(".graph .overlay").boundingBox();
	await page.mouse.move(round.x + round.width / 2, round.y + round.height / 2);
	await becomes(() => tip(page).then((shown) => shown.what), "{request GET /plans}", "sunburst: the disc is the request");
	await page.mouse.move(round.x + round.width / 2, round.y + round.height * 0.64);
	await becomes(() => tip(page).then((shown) => shown.what), "plans", "the first ring what it calls");
	await page.mouse.click(round.x + round.width / 2, round.y + round.height * 0.64);
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "plans", "a click zooms");
	await page.mouse.click(round.x + round.width / 2, round.y + round.height / 2);
	await becomes(() => crumbs(page)().then((all) => all.length), 1, "a click on the disc zooms out");
	await page.click("text=Flame");
	await drawn(page);
	const flame = await page.locator(".graph .overlay").boundingBox();
	await page.mouse.move(flame.x + 20, flame.y + flame.height - 10);
	await becomes(() => tip(page).then((shown) => shown.what), "{request GET /plans}", "flame: the request is at the bottom");
	await page.mouse.move(flame.x + 3, flame.y + flame.height - 70);
	await becomes(() => tip(page).then((shown) => shown.what), "plan_by_trying", "the longest callee is leftmost");
	await page.click("text=Icicle");
	await drawn(page);
	await page.mouse.move(box.x + 0.2, box.y + 70);
	await becomes(() => tip(page).then((shown) => shown.what), "{built-in function strtol}", "icicle: the first called is leftmost");

	const all = Number(await page.getAttribute(".graph", "data-drawn"));
	await page.selectOption("select[aria-label=Depth]", "3");
	/* Of the callees of answer only plan_by_trying and qsort are more than 0.1 %. */
	await becomes(attribute(page, "data-drawn"), "5", "depth bounds the rows");
	await page.selectOption("select[aria-label=Depth]", "0");
	await page.selectOption("select[aria-label=Cutoff]", "0.05");
	await becomes(async () => Number(await page.getAttribute(".graph", "data-drawn")) < all, true, "cutoff merges the small");
	await page.context().close();
}

async function searching(open) {
	const page = await open("#id=before.prof");

	await page.keyboard.press("/");
	await page.keyboard.type("EXPAND");
	/* 0.154053 s of 0.154820 s are below the outermost expand: from the sums in profiles.py */
	await becomes(text(page, ".found"), "1 function, 99.6 %", "a search shows the share of its matches, each second once");
	await becomes(() => page.locator(".table tbody tr[data-index]").count(), 1, "the table has only that");
	await page.fill(".tools input[type=search]", "^\\{built-in");
	await becomes(text(page, ".found"), "0 functions, 0.0 %", "as a text an expression finds nothing");
	await page.check("text=regex");
	await becomes(() => text(page, ".found")().then((found) => found.split(",")[0]), "4 functions", "as a regular expression it does");
	await page.fill(".tools input[type=search]", "(");
	await becomes(text(page, ".found"), "not a regular expression", "a bad expression is reported");
	await page.reload();
	await drawn(page);
	same(await page.inputValue(".tools input[type=search]"), "(", "the search is kept over a reload");
	await page.keyboard.press("/");
	await page.keyboard.press("Escape");
	await becomes(() => page.inputValue(".tools input[type=search]"), "", "Escape clears it");

	await page.check("text=my code");
	await becomes(() => page.locator(".table tbody tr[data-index]").count(), 6, "my code: no library calls in the table");
	await page.click("text=Flame");
	await drawn(page);
	await page.keyboard.press("g");
	for (let i = 0; i < 2; i++)
		await page.keyboard.press("ArrowUp");
	await page.keyboard.press("ArrowUp");
	await page.keyboard.press("ArrowRight");
	await becomes(() => page.locator(".details b").textContent(), "by_weight", "what a library calls back is its caller's");
	await page.context().close();
}

async function panels(open, known, folder) {
	const page = await open("#id=before.prof");
	const lines = texts(page, ".side .tree-line button[data-function]");

	await clickBox(page, EXPANDS, 0.5);
	await becomes(lines, ["plan_by_trying", "expand", "expand", "heaviest", "{built-in function memcpy}"], "callers and callees, the longest first");
	await becomes(texts(page, ".side .tree-line .n"), ["1×", "154 ms", "9,840×", "154 ms", "9,840×", "154 ms", "6,561×", "32.8 ms", "6,561×", "13.1 ms"], "with calls and times");
	await page.click(".side .turn >> nth=0");
	await becomes(() => lines().then((all) => all.slice(0, 2)), ["plan_by_trying", "answer"], "opened: the exact path behind it");
	await page.click(".side .tree-line button[data-function] >> text=heaviest");
	await becomes(text(page, ".side h2"), "heaviest", "a click leads to that function");
	await page.click(".side .segments >> text=Stack");
	await becomes(lines, ["expand", "plan_by_trying", "answer", "plans", "{request GET /plans}"], "the call stack of the zoomed call");
	await page.click(".side .segments >> text=Source");
	await becomes(() => page.locator(".side .panel").textContent().then((all) => all.startsWith("/srv/planner/by_trying.c:11")), true, "source that is not there");
	await page.locator(".table tr", { hasText: "(answer)" }).click();
	await becomes(() => page.locator(".source .here").getAttribute("data-line"), "20", "source: the function's line");
	same(await text(page, ".source .here")(), "/* line 20 </script> */", "shown as it is");
	ok((await page.locator(".side .panel").textContent()).includes("This file changed after the recording"), "the panel says that it is newer than the profile");
	const [download] = await Promise.all([page.waitForEvent("download"), page.click(".facts a[download]")]);
	same(download.suggestedFilename(), "before.prof", "the file can be had");
	ok(fs.readFileSync(await download.path()).equals(fs.readFileSync(path.join(folder, "before.prof"))), "byte for byte");
	await page.context().close();

	const killed = await open("#id=killed.prof&tab=stack");
	ok((await killed.locator(".side").textContent()).includes("Open when the process died (killed: SIGKILL after 30.0 s)"), "the stack at death");
	same(await killed.locator(".frames").last().locator("button").allTextContents(),
		["expand × 12", "plan_by_trying", "answer", "plans", "{request GET /plans}"], "runs of one function are one step");
	await killed.context().close();

	const pairs = await open("#id=unittest.prof");
	ok((await pairs.locator(".notes").textContent()).includes("pairs"), "a file of pairs is marked as one");
	/* Its times are those of this machine: one long function leaves little room for others, but not for its callers. */
	ok(Number(await pairs.getAttribute(".graph", "data-drawn")) > 5, "and drawn");
	await pairs.context().close();

	const one = await open("#id=single.prof");
	ok((await one.locator(".facts").textContent()).includes(" · 1 call · "), "one call is one");
	await one.context().close();
}

/* importlib calls exec, which called all: it is a root all the same. */
async function roots(open, known) {
	const page = await open("#id=imports.prof");
	const total = async () => {
		const [number, unit] = (await tip(page)).total.split(" ");
		return parseFloat(number) * SECONDS[unit];
	};
	const [, , wanted] = known.totals["imports.prof"];

	ok(Number(await page.getAttribute(".graph", "data-drawn")) > 5, "a script that imports is drawn");
	await hoverBox(page, 0, 0.5);
	await becomes(() => tip(page).then((shown) => shown.what), "{all}", "below what is no function");
	ok(Math.abs(await total() - wanted) < wanted / 100, "whose total is pstats'");
	await hoverBox(page, 1, 0.5);
	await becomes(() => tip(page).then((shown) => [shown.what, shown.calls]), ["{built-in method builtins.exec}", "about 1"], "a function with calls that no caller made is a root, with those");
	ok(Math.abs(await total() - wanted) < wanted / 100, "and the time that is left over");
	await page.context().close();
}

/* A graph that is higher than its place. */
async function scrolled(open) {
	const page = await open("#id=killed.prof", { height: 500 });
	const graph = page.locator(".graph");
	const top = () => graph.evaluate((host) => host.scrollTop);
	const toEnd = () => graph.evaluate((host) => { host.scrollTop = host.scrollHeight; });

	await toEnd();
	const end = await top();
	ok(end > 40, `the graph scrolls (${end} pixels)`);
	const box = await page.locator(".graph .overlay").boundingBox();
	await page.mouse.click(box.x + box.width - 2, box.y + box.height - 2);
	same(await page.evaluate(() => document.activeElement.tagName), "CANVAS", "a click beside the boxes leads the keys to the graph");
	same(await top(), end, "which stays where it is");

	const path = "main.c:plans/main.c:answer/by_trying.c:plan_by_trying";
	await page.goto(page.url().replace(/#.*/, `#id=killed.prof&zoom=${path}`));
	await drawn(page);
	await toEnd();
	await page.click("text=Root here");
	await becomes(crumbs(page), ["plan_by_trying"], "a new root, above what one looks at,");
	await becomes(top, 0, "is scrolled to");
	await page.context().close();
}

/* The tip disappears with its box. */
async function tooltip(open) {
	const page = await open("#id=before.prof");
	const seen = () => page.locator(".tip").isVisible();
	const point = async (part) => {
		await hoverBox(page, EXPANDS, part);
		await becomes(seen, true, "pointing shows a tooltip");
	};

	await point(0.5);
	await page.keyboard.press("ArrowDown");
	await becomes(seen, false, "a key hides it");
	await point(0.52);
	await page.keyboard.press("2");
	await drawn(page);
	await becomes(seen, false, "so does another view");
	await page.keyboard.press("1");
	await drawn(page);
	await point(0.5);
	await page.evaluate(() => history.back());
	await becomes(seen, false, "and a step back");
	await page.context().close();
}

/* The server goes away and is there again. */
async function returning(open) {
	const page = await open("");

	await page.waitForSelector(".list tbody tr[data-index]");
	for (const [hash, title] of [["#id=before.prof", ".facts h1"], ["#page=compare&before=before.prof&after=after.prof", ".sentence"]]) {
		await page.route("**/api/**", (route) => route.abort());
		await page.evaluate((to) => { location.hash = to; }, hash);
		await becomes(() => page.locator(".failure:visible").count(), 1, `${hash}: the page reports that the server does not respond`);
		await becomes(text(page, ".top .state"), "no response; trying again", "the page says that it tries again");
		await page.unroute("**/api/**");
		await becomes(() => page.locator(`${title}:visible`, { hasText: /plans|expand/ }).count(), 1, "when the server responds, the page appears");
		same(await page.locator(".failure:visible").count(), 0, "without the failure");
	}
	await page.context().close();
}

async function progress(open) {
	const page = await open("");
	let go;
	const gate = new Promise((resolve) => { go = resolve; });

	await page.route("**/api/profile/**", async (route) => {
		await gate;
		await route.continue();
	});
	await page.goto(page.url().replace(/#.*/, "") + "#id=before.prof");
	await becomes(() => page.locator(".progress:visible").count(), 1, "what takes long shows that it goes on");
	same(await page.locator(".progress progress").getAttribute("aria-label"), "Reading the profile", "and what it is");
	await page.keyboard.press("q");
	await becomes(() => page.locator(".list tbody tr[data-index]").count().then((count) => count > 10), true, "meanwhile one can go elsewhere");
	await page.goBack();
	go();
	await drawn(page);
	same(await page.locator(".progress:visible").count(), 0, "it goes when all is there");
	await page.context().close();
}

async function newer(open) {
	const page = await open("#id=before.prof");

	await clickBox(page, EXPANDS + 2, 0.5);
	await page.click(".newer");
	await becomes(() => page.locator(".facts").textContent().then((all) => all.includes("killed")), true, "a newer request of the route is offered");
	await drawn(page);
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "expand × 3", "and the place is kept");
	await page.goto(page.url().replace(/#.*/, "#id=none.prof"));
	await becomes(() => page.locator(".failure:visible").count(), 1, "a file that is not there is an error on the page");
}

/* Functions that share a name, and names that hold what an address marks its parts with. */
async function names(open) {
	const page = await open("#id=twins.prof");
	const chosen = () => page.locator('.table tr[aria-selected="true"]').locator('[data-key="name"]').textContent();

	for (const label of ["/srv/one/twin.c:10(twin)", "/srv/one/twin.c:20(twin)", "/srv/two/twin.c:10(twin)"]) {
		await page.locator(".table tr", { hasText: label }).click();
		await becomes(chosen, label, `a click on ${label} focuses that one`);
		await page.reload();
		await drawn(page);
		await becomes(chosen, label, "which is kept over a reload");
	}
	for (const [row, part, name] of [[4, 0.1, "operator*2"], [4, 0.5, "operator"], [4, 0.9, "a/b"], [3, 0.5, "twin"]]) {
		await page.keyboard.press("0");
		await drawn(page);
		await clickBox(page, row, part * 0.5);
		await becomes(() => crumbs(page)().then((all) => all.at(-1)), name, `zoomed to ${name}`);
		await page.reload();
		await drawn(page);
		await becomes(() => crumbs(page)().then((all) => [all.length, all.at(-1)]), [row + 1, name], "which is kept as well");
	}
	await page.context().close();
}

run(async ({ open, known, folder }) => {
	for (const part of [graph, keys, views, searching, panels, roots, returning, tooltip, scrolled, names, progress, newer])
		await part(open, known, folder);
});
