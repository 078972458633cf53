#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

/* What the page does, by clicks and keys at 1280 pixels and by taps at 390, in light and dark. */
const { becomes, crumbs, drawn, ok, run, same, text, texts } = require("./viewer.js");

const ALL = ["{request GET /plans}", "plans", "answer", "plan_by_trying"];
const attribute = (page, name) => page.getAttribute(".graph", name);
const pressed = (page, value) => () => page.getAttribute(`.segments button[data-value="${value}"]`, "aria-pressed");
const state = (page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

/* How one points at things: with a mouse, or with a finger. */
function hands(page, touch) {
	return {
		press: (found) => touch ? page.locator(found).first().tap() : page.locator(found).first().click(),
		async box(row, part) {
			await page.locator(".graph").scrollIntoViewIfNeeded();
			const place = await page.locator(".graph .overlay").boundingBox();
			const at = [place.x + place.width * part, place.y + Number(await attribute(page, "data-row")) * (row + 0.5)];
			await (touch ? page.touchscreen.tap(...at) : page.mouse.click(...at));
		},
		async middle() {
			await page.locator(".graph").scrollIntoViewIfNeeded();
			const place = await page.locator(".graph .overlay").boundingBox();
			const at = [place.x + place.width / 2, place.y + place.height / 2];
			await (touch ? page.touchscreen.tap(...at) : page.mouse.click(...at));
		},
	};
}

async function requests(page, { press }, base) {
	const shown = text(page, ".list header [role=status]");

	await page.goto(base);
	await becomes(() => page.locator('.routes tr', { hasText: "GET /healthz" }).locator("td:visible").allTextContents().then((all) => all.filter(Boolean)),
		["GET /healthz", "40", "20.0 µs", "400 µs", "760 µs", "800 µs", "800 µs"], "routes: count, failed, min, median, p95, p99, max are seen");
	same(await page.locator(".routes canvas:visible").count(), 6, "and a histogram of each");
	const all = await shown();
	await press('.routes tr:has-text("GET /plans")');
	await becomes(shown, `3 of ${all}`, "a route shows its requests");
	same(await page.locator(".list tbody tr[data-index]").first().locator("td:visible").count(), 9, "with all their columns");
	await press('.list th[data-key="elapsed"] button');
	await becomes(() => page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "descending", "sorted by time");
	same((await texts(page, '.list td[data-key="elapsed"]')()).map((one) => one.trim()), ["4.16 s", "155 ms", "918 µs"], "the slowest first");
	await page.fill(".list input[type=search]", "200");
	await becomes(shown, `2 of ${all}`, "words filter");
	await press(".list tbody tr >> nth=1 >> .pick");
	await press(".list tbody tr >> nth=2 >> .pick");
	await becomes(() => page.locator(".list header button", { hasText: "Compare" }).textContent(), "Compare 2/2", "two are chosen");
	await press('.list header button:has-text("Compare")');
	await becomes(() => page.locator(".compare .sentence").count(), 1, "and compared");
	await page.goBack();
	await press('.list td[data-key="status"]');
	await drawn(page);
	ok(state(page).get("id"), "a press on a row opens the request");
}

async function graph(page, { press, box, middle }, base) {
	await page.goto(base + "#id=before.prof");
	await drawn(page);
	await box(3, 0.5);
	await becomes(crumbs(page), ALL, "a press on a box zooms");
	await becomes(() => page.locator(".details").textContent(), "plan_by_trying by_trying.c:37calls 1 · own 15.0 µs (< 0.1 %) · total 154 ms · of request 99.6 % · of parent 99.6 %", "its numbers are in the line below");
	await becomes(() => attribute(page, "data-marked"), "1", "its boxes are marked");
	await press('.crumbs button >> nth=1');
	await becomes(crumbs(page), ALL.slice(0, 2), "the path leads up");
	await page.goBack();
	await becomes(crumbs(page), ALL, "back");
	await press('button:has-text("Root here")');
	await becomes(crumbs(page), ALL.slice(3), "a root");
	await press('button:has-text("Reset root")');
	await becomes(crumbs(page), ALL.slice(0, 1), "no root");
	await box(2, 0.5);
	await becomes(crumbs(page), ALL.slice(0, 3), "zoomed");
	await press('button:has-text("Reset zoom")');
	await becomes(crumbs(page), ALL.slice(0, 1), "and not");

	await press('.segments button[data-value="sunburst"]');
	await becomes(pressed(page, "sunburst"), "true", "sunburst");
	await drawn(page);
	const place = await page.locator(".graph .overlay").boundingBox();
	same(await page.evaluate(() => Math.abs(document.querySelector(".graph canvas").getBoundingClientRect().width - document.querySelector(".graph").clientWidth) <= 1), true, "fills its place");
	await page.goto(page.url().replace("zoom=", "") + "&zoom=main.c:plans/main.c:answer");
	await drawn(page);
	await becomes(() => crumbs(page)().then((all) => all.length), 3, "zoomed by the address");
	await middle();
	await becomes(() => crumbs(page)().then((all) => all.length), 2, "a press on the disc zooms out");
	ok(place.height >= 300, "the sunburst is large enough to look at");
	await press('.segments button[data-value="flame"]');
	await becomes(pressed(page, "flame"), "true", "flame");
	await press('.segments button[data-value="icicle"]');
	await press('.segments button[data-value="own"]');
	await becomes(() => state(page).get("colour"), "own", "colours by own time");
	await page.selectOption("select[aria-label=Depth]", "3");
	await becomes(() => state(page).get("depth"), "3", "depth");
	await page.selectOption("select[aria-label=Cutoff]", "0.05");
	await becomes(() => state(page).get("cut"), "0.05", "cutoff");
	await press('label:has-text("my code")');
	await becomes(() => page.locator(".table tbody tr[data-index]").count(), 6, "my code");
	await press('label:has-text("regex")');
	await page.fill(".tools input[type=search]", "^\\{request|(expand)\\)$");
	await becomes(text(page, ".found"), "2 functions, 100.0 %", "a regex search shows the share");
	await page.fill(".tools input[type=search]", "expand");
	await becomes(text(page, ".found"), "1 function, 99.6 %", "and by text");
}

async function table(page, { press }, base) {
	await page.goto(base + "#id=before.prof&tab=callers");
	await page.reload();
	await drawn(page);
	const columns = await page.locator(".table tbody tr[data-index]").first().locator("td:visible").allTextContents();
	same(columns, ["9841/1", "0.108", "0.000", "0.154", "0.154", "/srv/planner/by_trying.c:22(expand)"], "the table has pstats' columns and numbers");
	await press('.table th[data-key="percallcum"] button');
	await becomes(() => page.getAttribute('.table th[data-key="percallcum"]', "aria-sort"), "descending", "sorted by any of them");
	await press('.table tr:has-text("(heaviest)") td[data-key="name"]');
	await becomes(text(page, ".side h2"), "heaviest", "a press on a row focuses the function");
	await becomes(texts(page, ".side .tree-line button[data-function]"), ["expand"], "the callers");
	await press(".side .turn");
	await becomes(texts(page, ".side .tree-line button[data-function]"), ["expand", "expand"], "by exact path");
	await press('.side .segments button[data-value="stack"]');
	await becomes(() => page.locator(".side .frames").count(), 1, "the stack");
	await press('.table tr:has-text("(answer)") td[data-key="name"]');
	await press('.side .segments button[data-value="source"]');
	await becomes(() => page.locator(".source .here").textContent(), "/* line 20 </script> */", "the source");
	await press('.table .segments button[data-value="short"]');
	await becomes(() => page.locator(".table tbody tr[data-index]").first().locator("td").nth(4).textContent(), "155 ms", "times with units");
}

async function compare(page, { press, box }, base) {
	await page.goto(base + "#page=compare&before=before.prof&after=after.prof");
	await page.reload();
	await drawn(page);
	ok((await text(page, ".sentence")()).startsWith("expand: 9,841 -> 0 calls"), "compare: the sentence");
	same(await page.locator(".table tbody tr", { hasText: "expand" }).locator("td:visible").allTextContents(),
		["9,841", "–", "-9,841", "154 ms", "–", "-154 ms", "vanished", "expand by_trying.c:22"], "calls and times of both");
	await box(3, 0.5);
	await becomes(crumbs(page), ALL, "a press zooms");
	await press("text=Swap");
	await becomes(() => page.locator(".table tbody tr", { hasText: "expand" }).locator("td").first().textContent(), "–", "swapped");
	await becomes(crumbs(page), ALL, "the zoom is the same call");
	await becomes(() => page.locator(".details").textContent().then((all) => all.includes("appeared")), true, "which now appeared");
	await press('.segments button[data-value="before"]');
	await becomes(pressed(page, "before"), "true", "widths of one of them");
}

run(async ({ open, base }) => {
	for (const touch of [false, true])
		for (const dark of [false, true]) {
			console.log(`# ${touch ? "taps at 390" : "clicks at 1280"} pixels, ${dark ? "dark" : "light"}`);
			const page = await open("", touch ? { width: 390, height: 844, dark, hasTouch: true, isMobile: true } : { dark });
			for (const part of [requests, graph, table, compare]) {
				await part(page, hands(page, touch), base);
				same(await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth), 0, `${part.name}: nothing lies beside the page`);
			}
			await page.context().close();
		}
});
