#!/usr/bin/env node
/* The viewer's page in Chromium with large profiles: how long until it shows them, and each frame while one points and zooms.
 * The same dumps without their call tree, as pairs; and those pairs drawn as other viewers of .prof files do (pairs.js).
 *
 * usage: BUILD=build run.js [-r ROUNDS] [NODES...]
 */
"use strict";

const { execFileSync } = require("child_process");
const fs = require("fs");
const http = require("http");
const os = require("os");
const path = require("path");
const { launch, makeProfiles, startServer } = require("../../viewer/viewer.js");

const median = (values) => values.slice().sort((left, right) => left - right)[values.length >> 1];

/* Milliseconds of script for each of 60 moves of the pointer, and for each frame of 10 zooms. */
async function exercise() {
	const host = document.querySelector(".graph"), overlay = host.querySelector(".overlay");
	const place = overlay.getBoundingClientRect();
	const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
	const send = (kind, x, y) => overlay.dispatchEvent(new MouseEvent(kind, { clientX: place.left + x, clientY: place.top + y, bubbles: true }));
	const hovers = [], zooms = [];

	for (let i = 0; i < 60; i++) {
		const start = performance.now();
		send("mousemove", 5 + i * 14, 30 + (i * 37) % 250);
		hovers.push(performance.now() - start);
		await frame();
	}
	for (let i = 0; i < 10; i++) {
		send("click", 50 + i * 60, 50);
		for (let k = 0; k < 14; k++) {
			await frame();
			zooms.push(Number(host.dataset.frame));
		}
		document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }));
		await new Promise((resolve) => setTimeout(resolve, 300));
	}
	return { hovers, zooms };
}

/* The same of pairs.js: a zoom is one task, without frames between. */
async function exercisePairs() {
	const picture = document.querySelector("svg");
	const place = picture.getBoundingClientRect();
	const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
	const send = (kind, x, y) => (document.elementFromPoint(place.left + x, place.top + y) || picture).dispatchEvent(new MouseEvent(kind, { bubbles: true }));
	const hovers = [], zooms = [];

	for (let i = 0; i < 60; i++) {
		const start = performance.now();
		send("mousemove", 5 + i * 14, 30 + (i * 37) % 250);
		hovers.push(performance.now() - start);
		await frame();
	}
	for (let i = 0; i < 10; i++) {
		window.reset();
		send("click", 50 + i * 60, 45);
		zooms.push(window.drew);
		await frame();
	}
	return { hovers, zooms };
}

/* In the page: when what is ready has been painted, by the page's own clock. */
function tellWhenShown(ready) {
	const watcher = new MutationObserver(() => {
		if (!document.querySelector(ready))
			return;
		watcher.disconnect();
		requestAnimationFrame(() => requestAnimationFrame(() => { window.shown = performance.now(); }));
	});
	watcher.observe(document, { subtree: true, childList: true, attributes: true });
}

/* `ready`: what is there when the profile is shown; `boxes`: how many, in the page. */
async function measure(browser, address, { ready, exercise: doing, boxes }) {
	const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();

	await page.addInitScript(() => {
		window.tasks = [0];
		new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: "longtask", buffered: true });
	});
	await page.addInitScript(tellWhenShown, ready);
	await page.goto(address);
	await page.waitForFunction(() => window.shown, null, { timeout: 120000 });
	const opened = await page.evaluate(() => ({ shown: window.shown, longest: Math.max(...window.tasks) }));
	const drawn = await page.evaluate(boxes);
	const moves = await page.evaluate(doing);
	await page.context().close();
	return { ...opened, boxes: drawn, hover: median(moves.hovers), zoom: median(moves.zooms) };
}

const OURS = { ready: '.graph[data-ready="yes"]', exercise, boxes: () => Number(document.querySelector(".graph").dataset.drawn) };
const PAIRS = { ready: "[data-drawn]", exercise: exercisePairs, boxes: () => document.querySelectorAll("svg g").length };

/* pairs.html for one file. */
function servePairs(file) {
	const pairs = execFileSync(path.join(__dirname, "pairs.py"), [file], { maxBuffer: 1 << 28 });
	const types = { html: "text/html", js: "text/javascript", json: "application/json" };
	const server = http.createServer((request, answer) => {
		const name = request.url.slice(1);
		answer.setHeader("Content-Type", types[name.split(".").pop()] || "text/plain");
		answer.end(name === "pairs.json" ? pairs : /^pairs\.(html|js)$/.test(name) ? fs.readFileSync(path.join(__dirname, name)) : "");
	});

	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve({ server, address: `http://127.0.0.1:${server.address().port}/pairs.html` })));
}

async function line(name, rounds, one) {
	const found = [];

	for (let i = 0; i < rounds; i++)
		found.push(await one());
	const cell = (key, digits) => `${median(found.map((values) => values[key])).toFixed(digits)} (${Math.max(...found.map((values) => values[key])).toFixed(digits)})`;
	console.log(name.padEnd(32), cell("shown", 0).padStart(14), cell("longest", 0).padStart(18), cell("hover", 1).padStart(13), cell("zoom", 1).padStart(15), String(found[0].boxes).padStart(7));
}

async function main() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "komori-bench-viewer-"));
	const words = process.argv.slice(2);
	const rounds = words[0] === "-r" ? Number(words.splice(0, 2)[1]) : 5;
	const sizes = words.length ? words : ["100000", "1000000"];
	let server, browser;

	try {
		makeProfiles(folder, ...sizes);
		const started = await startServer(folder);
		server = started.server;
		browser = await launch(folder);
		console.log(`${rounds} rounds, median (largest); load average ${os.loadavg()[0].toFixed(2)} before`);
		console.log("profile                                shown ms    longest task ms      hover ms   zoom frame ms   boxes");
		for (const size of sizes) {
			for (const file of [`${size}-nodes.prof`, `${size}-as-pairs.prof`])
				await line(file, rounds, () => measure(browser, `${started.base}#id=${file}`, OURS));
			const pairs = await servePairs(path.join(folder, `${size}-as-pairs.prof`));
			await line(`${size}-as-pairs.prof, pairs.js`, rounds, () => measure(browser, pairs.address, PAIRS));
			pairs.server.close();
		}
	} finally {
		if (browser)
			await browser.close();
		if (server)
			server.kill("SIGTERM");
		fs.rmSync(folder, { recursive: true, force: true });
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
