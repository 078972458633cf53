#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

const fs = require("fs");
const path = require("path");
const { becomes, ok, run, same, text, texts } = require("./viewer.js");

const cells = (page, key) => texts(page, `.list tbody td[data-key="${key}"]`);
const sorted = (values) => values.slice().sort((left, right) => left - right);
const seconds = (shown) => parseFloat(shown.replace(",", "")) * { s: 1, ms: 1e-3, "µs": 1e-6, ns: 1e-9 }[shown.split(" ")[1]];

run(async ({ folder, open }) => {
	const files = fs.readdirSync(folder).filter((name) => name.endsWith(".prof")).length;
	const page = await open("");

	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "every file is listed");
	const row = page.locator('.routes tr', { hasText: "GET /healthz" });
	await becomes(() => row.locator("td").allTextContents().then((all) => all.slice(0, 8)),
		["GET /healthz", "40", "", "20.0 µs", "400 µs", "760 µs", "800 µs", "800 µs"], "a route has count, min, median, p95, p99 and max by nearest rank");
	ok(await row.locator("canvas[aria-label*='40 requests']").count(), "and a histogram, described");
	ok(await page.locator(".list .tag.bad", { hasText: "unreadable" }).count(), "a file that cannot be read is told");
	ok(await page.locator(".list .tag.bad", { hasText: "killed" }).count(), "so is a killed request");

	await page.click('.list th[data-key="elapsed"] button');
	await becomes(() => page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "descending", "a click on a title sorts");
	const down = (await cells(page, "elapsed")()).map(seconds);
	same(down, sorted(down).reverse(), "the slowest first");
	await page.click('.list th[data-key="elapsed"] button');
	await becomes(() => page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "ascending", "a second one turns the order");
	const up = (await cells(page, "elapsed")()).map(seconds);
	same(up, sorted(up), "the quickest first");

	await page.keyboard.press("/");
	await page.keyboard.type("get healthz");
	await becomes(text(page, ".list header [role=status]"), `40 of ${files} requests`, "words filter");
	await page.reload();
	await becomes(text(page, ".list header [role=status]"), `40 of ${files} requests`, "the filter is kept over a reload");
	same(await page.getAttribute('.list th[data-key="elapsed"]', "aria-sort"), "ascending", "and so is the order");
	await page.fill(".list input[type=search]", "");

	await page.locator(".routes tr", { hasText: "GET /plans" }).click();
	await becomes(text(page, ".list header [role=status]"), `3 of ${files} requests`, "a click on a route shows its requests");
	await page.goBack();
	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "the back button shows all again");

	await page.fill(".list input[type=search]", "plans");
	await becomes(() => page.locator(".list tbody tr[data-index]").count(), 3, "three requests are left");
	await page.focus(".list .grid");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "two are chosen with the keys");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Space");
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "a third takes the place of the first");
	await page.keyboard.press("x");
	await page.waitForSelector(".compare .sentence");
	ok(new URL(page.url()).hash.includes("page=compare"), "x compares them");
	await page.goBack();
	await becomes(() => page.locator(".list input[type=checkbox]:checked").count(), 2, "back in the list they are still chosen");

	await page.fill(".list input[type=search]", "before");
	await page.click(".list tbody tr[data-index] td[data-key=status]");
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "a click on a row opens the request");
	await page.goBack();
	await page.focus(".list .grid");
	await page.keyboard.press("Enter");
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "Enter does as well");
	await page.keyboard.press("q");
	await becomes(text(page, ".list header [role=status]"), `${files} requests`, "q leads to the list");

	fs.copyFileSync(path.join(folder, "healthz-3.prof"), path.join(folder, ".new"));
	fs.renameSync(path.join(folder, ".new"), path.join(folder, "newest.prof"));
	await becomes(text(page, ".list header [role=status]"), `${files + 1} requests`, "a new request appears by itself");
	await becomes(text(page, ".top .state"), `live, ${files + 1} requests`, "the top line counts it");

	await page.route("**/api/requests", async (route) => {
		const list = await (await route.fetch({ headers: {} })).json();
		list.running = [{ pid: 4711, method: "GET", target: "/plans?items=</b>", route: "/plans", started: list.now - 1.5, elapsed: 1.5 }];
		await route.fulfill({ json: list });
	});
	await becomes(text(page, ".running .tag"), "running GET /plans?items=</b> 1.50 s", "what runs now is told");
	await page.unroute("**/api/requests");
	await page.route("**/api/requests", (route) => route.abort());
	await becomes(text(page, ".top .state"), "no answer; trying again", "a server that does not answer is told");
	ok(await page.locator(".list tbody tr[data-index]").count() > 10, "the list stays");
	await page.unroute("**/api/requests");
	await becomes(text(page, ".top .state"), `live, ${files + 1} requests`, "and it goes on when it answers again");

	await page.keyboard.press("?");
	ok(await page.locator("dialog[open]").count(), "? shows the keys");
	await page.keyboard.press("Escape");
	same(await page.locator("dialog[open]").count(), 0, "Escape closes them");
});
