#!/usr/bin/env node
/*
# builds: gcc
*/
"use strict";

/* The page of a running application: its requests, its workers, and how they end. */
const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const path = require("path");
const { becomes, crumbs, drawn, ok, runAlone, same, start, stop, text, texts } = require("./viewer.js");

const THREADS_APP = path.join(process.env.BUILD, "tests/framework/server/threads_app");
const SHAPES_APP = path.join(process.env.BUILD, "tests/profiler/middleware/shapes_app");

/* The body; null when the connection ends before it. Each on a connection of its own. */
function ask(base, target) {
	return new Promise((resolve) => {
		http.get(new URL("/" + target, base), { agent: false }, (response) => {
			let body = "";
			response.on("data", (data) => { body += data; });
			response.on("end", () => resolve(body));
			response.on("error", () => resolve(null));
		}).on("error", () => resolve(null));
	});
}

const row = (page, target) => page.locator(".list tbody tr[data-index]", { has: page.locator("td[data-key=path]", { hasText: target }) });
const cells = (page, target, keys) => () => Promise.all(keys.map((key) => row(page, target).first().locator(`td[data-key=${key}]`).textContent()));
const outcome = (page, target) => () => row(page, target).count().then((count) => count ? row(page, target).first().locator("td[data-key=outcome]").textContent() : "");
const rows = (page) => page.locator(".list tbody tr[data-index]").count();

function makeGate(folder, name) {
	execFileSync("mkfifo", [path.join(folder, name)]);
	return { target: `wait?gate=${name}`, open: () => fs.writeFileSync(path.join(folder, name), "x") };
}

async function watching(page, base, folder) {
	await becomes(() => page.locator(".list .empty").isVisible(), true, "before the first request the page says what will be here");
	await ask(base, "count/12");
	await becomes(cells(page, "/count/12", ["method", "route", "status", "outcome"]), ["GET", "/count/<steps>", "200", "finished"], "a request is in the list by itself");
	same(await cells(page, "/count/12", ["calls"])(), ["19"], "with its calls: the request, the handler, 12 steps, 5 of the library");
	await ask(base, "nowhere");
	await becomes(cells(page, "/nowhere", ["route", "status", "outcome"]), ["–", "404", "finished"], "and one that no route was found for");

	const gate = makeGate(folder, "first");
	const response = ask(base, gate.target);
	await becomes(outcome(page, "gate=first"), "running now", "a request under way is in the list");
	const [elapsed] = await cells(page, "gate=first", ["elapsed"])();
	await becomes(() => cells(page, "gate=first", ["elapsed"])().then(([later]) => later !== elapsed), true, "the elapsed time grows");
	await row(page, "/count/12").locator("td[data-key=status]").click();
	await drawn(page);
	await becomes(() => page.locator(".table tbody tr", { hasText: "(step)" }).locator("td").first().textContent(), "12", "a profile opens while a handler runs");
	await page.goBack();
	await becomes(outcome(page, "gate=first"), "running now", "and the handler still runs");
	gate.open();
	same(await response, "waited\n", "it ends");
	await becomes(outcome(page, "gate=first"), "finished", "which the list shows");
	same(await row(page, "gate=first").count(), 1, "in one row");
}

/* Two workers at once, each with a handler that hangs. */
async function workers(page, base, folder) {
	const gates = ["one", "another"].map((name) => makeGate(folder, `worker-${name}`));
	const begun = () => fs.statSync(path.join(folder, "started")).size;
	const running = page.locator(".list tbody tr", { hasText: "running now" });
	const pids = async () => new Set(await running.locator("td[data-key=outcome] .tag").evaluateAll((tags) => tags.map((tag) => tag.title.match(/process (\d+)/)[1])));

	const before = begun();
	const responses = [ask(base, gates[0].target)];
	await becomes(() => pids().then((all) => all.size), 1, "a request is in the list while it runs");
	const [first] = await pids();
	process.kill(first, "SIGSTOP"); /* so that the other one takes the next request */
	try {
		responses.push(ask(base, gates[1].target));
		await becomes(begun, before + 2, "another worker takes another one");
	} finally {
		process.kill(first, "SIGCONT");
	}
	await becomes(() => pids().then((all) => all.size), 2, "requests of both workers are in the list while they run");
	const hidden = await page.evaluate(() => performance.getEntriesByType("resource").length);
	await becomes(() => page.evaluate((before) => performance.getEntriesByType("resource").length > before + 1, hidden), true, "the page goes on asking, though every handler hangs");
	/* Each waits for a reader: in the order of the workers, not of the gates. */
	for (const gate of gates)
		execFileSync("sh", ["-c", 'echo x > "$1" &', "sh", path.join(folder, gate.target.split("=")[1])]);
	same((await Promise.all(responses)).every((body) => body === "waited\n"), true, "all get a response");
	await becomes(() => running.count(), 0, "none runs any more");
	await becomes(() => row(page, "gate=worker").count(), gates.length, "each is in the list");
}

async function ends(page, base, folder) {
	const gate = makeGate(folder, "never");
	const seen = await rows(page);

	same(await ask(base, gate.target), null, "a request beyond TIMEOUT gets no response");
	await becomes(() => outcome(page, "gate=never")().then((told) => told.replace(/\d\.\d/, "2.0")), "SIGKILL after 2.0 s", "it appears with what became of it");
	ok(/^killed: SIGKILL after \d/.test(await row(page, "gate=never").locator(".tag").getAttribute("title")), "in full");
	await becomes(() => rows(page), seen + 1, "beside those that were there");
	await row(page, "gate=never").locator("a").click();
	await drawn(page);
	await becomes(() => page.getAttribute('.segments button[data-value="stack"]', "aria-pressed"), "true", "its page begins with the stack");
	await becomes(() => text(page, ".side .panel h3")().then((title) => title.slice(0, 47)), "Open when the process died (killed: SIGKILL aft", "of the calls that were open");
	const open = texts(page, ".side .frames >> nth=0 >> button[data-function]");
	await becomes(() => open().then((stack) => stack.slice(-3)), ["wait_at", "waiter", "{request GET /wait}"], "down to where it hung");
	const stack = await open();
	ok(/^\{built-in function (open|read|open64)\}$/.test(stack[0]), `in ${stack[0]}`);
	await page.locator(".side .frames button", { hasText: "wait_at" }).first().click();
	await becomes(() => crumbs(page)().then((all) => all.at(-1)), "wait_at", "a click there zooms to it");
	await page.keyboard.press("s");
	await becomes(() => page.locator(".source .here").textContent(), "KEEP static char wait_at(const char *gate)", "and its source is there");
	await page.keyboard.press("q");

	same(await ask(base, "crash"), null, "a crash gets no response");
	await becomes(() => row(page, "/crash").count(), 1, "a crash is in the list");
	ok((await row(page, "/crash").locator(".tag.bad").getAttribute("title")).includes("SIGSEGV"), "with its signal");
	await row(page, "/crash").locator("a").click();
	await drawn(page);
	await becomes(() => open().then((stack) => stack[0]), "write_nowhere", "and the function that crashed");
	await page.keyboard.press("q");
}

runAlone(async ({ folder, open }) => {
	const dumps = path.join(folder, "dumps"), gates = path.join(folder, "gates");
	const environment = { KOMORI_PROFILE: "1", KOMORI_PROFILE_DIR: dumps, KOMORI_PROFILE_STREAM: "off", KOMORI_PORT: "0", GATES: gates };

	fs.mkdirSync(gates);
	let { server, base } = await start(THREADS_APP, [], { ...environment, KOMORI_WORKERS: "2" });
	const { port } = new URL(base);
	const page = await open(base);
	await watching(page, base, gates);
	await workers(page, base, gates);

	const before = await rows(page);
	await stop(server);
	await becomes(text(page, ".top .state"), "no response; trying again", "the page reports that the program stopped");
	same(await rows(page), before, "and keeps what it has");
	({ server, base } = await start(THREADS_APP, [], { ...environment, KOMORI_PORT: port, KOMORI_TIMEOUT: "2" }));
	await becomes(text(page, ".top .state"), `live, ${before} requests`, "started again, the page goes on by itself, with all that was");
	await ends(page, base, gates);

	await stop(server);
	({ server, base } = await start(SHAPES_APP, [], { ...environment, KOMORI_PORT: port }));
	await ask(base, "error");
	await becomes(cells(page, "/error", ["status", "outcome"]), ["500", "error"], "a handler that fails is an error");
	await ask(base, "broken");
	await becomes(cells(page, "/broken", ["status", "outcome"]), ["200", "error"], "and so is a response that ends too early");
	for (const [width, dark] of [[1280, true], [390, false], [390, true]]) {
		const other = await open(base, { width, height: 844, dark });
		await becomes(() => rows(other), await rows(page), `all of it at ${width} pixels, ${dark ? "dark" : "light"}`);
		same(await other.evaluate(() => document.scrollingElement.scrollWidth - innerWidth), 0, "within the page");
		await other.context().close();
	}
});
