/* A browser on `komori view`, for the page's tests: TAP, the server, pages whose errors fail the test. */
"use strict";

const { execFileSync, spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const modules = execFileSync("npm", ["root", "--global"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
const { chromium } = require(path.join(modules, "playwright-core"));

const KOMORI = path.join(process.env.BUILD, "apps/komori/komori");
const PATIENCE_MS = 120000; /* a test that waits longer hangs */

let count = 0, failed = 0;
const started = []; /* what is to end with the test */

function diag(text) {
	for (const line of String(text).split("\n"))
		console.log("# " + JSON.stringify(line).slice(1, -1));
}

function ok(passed, name) {
	count++;
	failed += !passed;
	console.log(`${passed ? "ok" : "not ok"} ${count} - ${name}`);
	return Boolean(passed);
}

function same(found, wanted, name) {
	const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];

	if (!ok(left === right, name))
		diag(`found:  ${left}`.slice(0, 2000) + `\nwanted: ${right}`.slice(0, 2000));
}

/* Waits until found() is what is wanted: pages answer in their own time. */
async function becomes(found, wanted, name) {
	const until = Date.now() + PATIENCE_MS;
	let value;

	for (;;) {
		value = await found();
		if (JSON.stringify(value) === JSON.stringify(wanted) || Date.now() > until)
			break;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	same(value, wanted, name);
}

/* Profiles and what Python knows of them. */
function makeProfiles(folder, ...more) {
	const out = execFileSync("/usr/bin/python3", [path.join(__dirname, "profiles.py"), folder, ...more], { encoding: "utf8", maxBuffer: 1 << 28 });

	return out ? JSON.parse(out) : null;
}

/* A program that says where it serves; resolves to {server (its process), base (the page's address)}. */
function start(program, words, environment) {
	const server = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...environment } });

	started.push(server);

	return new Promise((resolve, reject) => {
		let said = "";
		const hear = (data) => {
			said += data;
			const found = said.match(/http:\/\/[^\s/]+/);
			if (found)
				resolve({ server, base: found[0] + "/__profile__/" });
		};
		server.stdout.on("data", hear);
		server.stderr.on("data", hear);
		server.on("error", reject);
		server.on("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
	});
}

const startServer = (operand) => start(KOMORI, ["view", operand, "--port", "0"]);

/* `home`: a folder for what the browser keeps. */
function launch(home) {
	return chromium.launch({ executablePath: "/usr/bin/chromium", env: { ...process.env, HOME: home },
		args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/* Ends a process and waits for that. */
async function stop(server) {
	if (server.exitCode !== null || server.signalCode !== null)
		return;
	const ended = new Promise((resolve) => server.once("exit", resolve));
	server.kill("SIGTERM");
	await ended;
}

/* Runs `tests` with {folder, open(address, options), browser, troubles}, then ends the browser and the plan. */
async function runAlone(tests) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "komori-viewer-"));
	let browser;

	try {
		browser = await launch(folder);
		const troubles = [];
		await tests({ folder, browser, troubles, open: (address, options) => openPage(browser, address, troubles, options) });
		same(troubles, [], "no error on a page, nothing that the policy had to stop");
	} catch (error) {
		ok(false, "the test came to its end");
		diag(error.stack);
	} finally {
		if (browser)
			await browser.close();
		await Promise.all(started.map(stop));
		fs.rmSync(folder, { recursive: true, force: true });
	}
	console.log(`1..${count}`);
	process.exit(failed ? 1 : 0);
}

/* The same on `komori view` for a folder of profiles: {folder, known, open(hash, options), base, browser, troubles}. */
function run(tests) {
	return runAlone(async (given) => {
		const folder = path.join(given.folder, "profiles");
		const known = makeProfiles(folder);
		const { base } = await startServer(folder);
		await tests({ ...given, folder, known, base, open: (hash, options) => given.open(base + hash, options) });
	});
}

async function openPage(browser, address, troubles, { width = 1280, height = 800, dark = false, ...more } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce", ...more });
	const page = await context.newPage();

	page.setDefaultTimeout(PATIENCE_MS);
	page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
	page.on("console", (message) => {
		if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
			troubles.push(`console: ${message.text()}`);
	});
	page.on("dialog", (dialog) => {
		troubles.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	await page.addInitScript(() => {
		window.shifts = 0;
		addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
		new PerformanceObserver((list) => {
			for (const entry of list.getEntries())
				window.shifts += entry.hadRecentInput ? 0 : entry.value;
		}).observe({ type: "layout-shift", buffered: true });
	});
	await page.goto(address);
	if (address.includes("id=") || address.includes("after="))
		await drawn(page);
	return page;
}

function drawn(page) {
	return page.waitForSelector('.graph[data-ready="yes"]');
}

/* A point of the graph: row from the top, part of its width. */
async function graphPoint(page, row, part) {
	const box = await page.locator(".graph .overlay").boundingBox();
	const height = Number(await page.getAttribute(".graph", "data-row"));

	return [box.x + box.width * part, box.y + height * (row + 0.5)];
}

async function clickBox(page, row, part) {
	await page.mouse.click(...await graphPoint(page, row, part));
}

async function hoverBox(page, row, part) {
	await page.mouse.move(...await graphPoint(page, row, part));
}

const crumbs = (page) => () => page.locator(".crumbs button").allTextContents();
const texts = (page, selector) => () => page.locator(selector).allTextContents();
const text = (page, selector) => () => page.locator(selector).first().textContent();

/* {name: value} of the tooltip. */
function tip(page) {
	return page.evaluate(() => {
		const list = document.querySelectorAll(".tip dt");
		return { what: document.querySelector(".tip .what")?.textContent, ...Object.fromEntries(Array.from(list, (one) => [one.textContent, one.nextSibling.textContent])) };
	});
}

module.exports = { KOMORI, PATIENCE_MS, becomes, clickBox, crumbs, diag, drawn, hoverBox, launch, makeProfiles, ok, run, runAlone, same, start, startServer, stop, text, texts, tip };
