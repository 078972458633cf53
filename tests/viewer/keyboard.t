#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

/* Everything without a mouse: every control is reached, is seen to be, and the way from the list to a line of source needs keys only. */
const { becomes, crumbs, drawn, ok, run, same, text } = require("./viewer.js");

const PAGES = { requests: "#picks=before.prof%0Aafter.prof", profile: "#id=before.prof&q=expand&zoom=main.c:plans/main.c:answer&root=main.c:plans",
	compare: "#page=compare&before=before.prof&after=after.prof&zoom=main.c:plans", stack: "#id=killed.prof", source: "#id=before.prof&fn=main.c:answer&tab=source" };

/* What is there last of a page. */
const LAST = { requests: ".list tbody tr[data-index]", stack: ".side .frames button", source: ".source .here" };

/* Tabs through the page once: {reached: names, unseen: those whose focus does not show, missed: controls that no Tab led to}. */
async function tabThrough(page) {
	const reached = [], unseen = [];

	await page.evaluate(() => {
		window.seen = new Set();
		document.activeElement.blur();
	});
	for (let i = 0; i < 120; i++) {
		await page.keyboard.press("Tab");
		const [name, shows, again] = await page.evaluate(() => {
			const here = document.activeElement, style = getComputedStyle(here);
			const again = here === document.body || seen.has(here);
			seen.add(here);
			return [`${here.tagName} ${here.getAttribute("aria-label") || here.textContent.slice(0, 30)}`,
				style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 && here.matches(":focus-visible"), again];
		});
		if (again)
			break;
		reached.push(name);
		if (!shows)
			unseen.push(name);
	}
	const missed = await page.evaluate(() => Array.from(document.querySelectorAll("a[href], button, select, input, [tabindex='0']"))
		.filter((one) => one.offsetParent && !one.disabled && one.tabIndex >= 0 && !seen.has(one)).map((one) => one.outerHTML.slice(0, 80)));
	return { reached, unseen, missed };
}

async function journey(open) {
	const page = await open("");
	const keys = async (...all) => {
		for (const key of all)
			await page.keyboard.press(key);
	};

	await page.waitForSelector(".list tbody tr[data-index]");
	await keys("/");
	await page.keyboard.type("plans 200");
	await becomes(() => page.locator(".list tbody tr[data-index]").count(), 2, "/ filters");
	await keys("Tab");
	await page.evaluate(() => document.activeElement.blur());
	await keys("ArrowDown");
	same(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Requests", "an arrow leads into the list");
	await keys("End", "Enter");
	await drawn(page);
	await becomes(text(page, ".facts h1"), "GET /plans?items=1,2,3", "Enter opens the request");
	await keys("ArrowDown", "ArrowDown", "ArrowDown");
	await becomes(() => page.locator(".details b").textContent(), "plan_by_trying", "arrows move in the graph at once");
	await becomes(() => page.getAttribute(".graph canvas", "aria-describedby").then((id) => page.locator(`#${id}`).textContent()).then((all) => all.includes("total 154 ms")), true, "with a label for screen readers");
	await keys("Enter");
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "plan_by_trying", "Enter zooms");
	await keys("/");
	await page.keyboard.type("answer");
	await becomes(text(page, ".found"), "1 function, 100.0 %", "/ searches");
	await keys("Enter");
	same(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Functions", "Enter goes to the matches");
	await keys("Enter");
	await becomes(text(page, ".side h2"), "answer", "and again opens it");
	await keys("s");
	await becomes(() => page.locator(".source .here").textContent(), "/* line 20 </script> */", "s shows its source");
	await keys("Escape");
	await becomes(() => page.inputValue(".tools input[type=search]"), "", "Escape takes the search away");
	await keys("b");
	await page.locator(".side .turn").first().focus();
	await keys("Enter");
	await becomes(() => page.locator(".side .turn").first().getAttribute("aria-expanded"), "true", "callers open by key");
	const focus = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") || document.activeElement.textContent);
	await page.locator(".side .tree-line button[data-function]", { hasText: "expand" }).focus();
	await keys("Enter");
	await becomes(text(page, ".side h2"), "expand", "Enter on a callee leads to it");
	await becomes(focus, "About the function", "and the keys stay in the panel");
	await page.locator(".crumbs button").nth(1).focus();
	await keys("Enter");
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "plans", "Enter on the path leads up");
	await becomes(focus, "plans", "and the keys stay on it");
	await keys("q");
	await becomes(() => page.locator(".list tbody tr[data-index]").count(), 2, "q is the list, filtered as before");
	await keys("?");
	same(await page.evaluate(() => Boolean(document.activeElement.closest("dialog"))), true, "? opens the keys, with the focus in them");
	await keys("Escape");
	same(await page.evaluate(() => document.querySelector("dialog").open), false, "and Escape leaves them");
	await page.context().close();
}

run(async ({ open }) => {
	for (const width of [1280, 390])
		for (const [name, hash] of Object.entries(PAGES)) {
			const page = await open(hash, { width });
			await page.waitForSelector("main .page:not(.loading)");
			await page.waitForSelector(LAST[name] ?? ".table tbody tr[data-index]");
			const { reached, unseen, missed } = await tabThrough(page);
			ok(reached.length > 8, `${name}, ${width} pixels: Tab leads to ${reached.length} controls`);
			same(unseen, [], "the focus shows on each");
			same(missed, [], "none is left out");
			await page.context().close();
		}
	await journey(open);
});
