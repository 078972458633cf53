/* What the server answers; docs/viewer.md has the formats. A page that carries its profile asks nothing. */
import { decodeProfile } from "./wire.js";

const API = "api/";
const LIST_PATIENCE_MS = 15000; /* an answer that never comes must not be the last one asked for */
let requestsTag = null;

export function embedded() {
	return document.getElementById("profile");
}

/* Worth another try when the server is there again. */
function unanswered(error) {
	throw Object.assign(error, { unanswered: true });
}

async function get(path, options) {
	const response = await fetch(API + path, { credentials: "same-origin", cache: "no-store", ...options }).catch(unanswered);

	if (!response.ok && response.status !== 304) {
		const told = await response.json().catch(() => null);
		throw Object.assign(new Error(told && told.error ? told.error : `the server answered ${response.status}`), { status: response.status });
	}
	return response;
}

/* Null when nothing changed since the last time. */
export async function fetchRequests() {
	const response = await get("requests", { headers: requestsTag ? { "If-None-Match": requestsTag } : {}, signal: AbortSignal.timeout(LIST_PATIENCE_MS) });

	if (response.status === 304)
		return null;
	requestsTag = response.headers.get("ETag");
	return response.json();
}

export async function fetchProfile(id, work) {
	if (embedded())
		return decodeProfile(fromBase64(embedded().textContent));
	return decodeProfile(await wholeBody(await get("profile/" + encodeURIComponent(id)), work));
}

function fromBase64(text) {
	const bytes = atob(text.trim());
	const buffer = new Uint8Array(bytes.length);

	for (let i = 0; i < bytes.length; i++)
		buffer[i] = bytes.charCodeAt(i);
	return buffer.buffer;
}

async function wholeBody(response, work) {
	const length = Number(response.headers.get("Content-Length"));
	const reader = response.body.getReader();
	const chunks = [];
	let got = 0;

	for (;;) {
		const { done, value } = await reader.read().catch(unanswered);
		if (done)
			break;
		chunks.push(value);
		got += value.length;
		await work.pause(length ? Math.min(1, got / length) : 0);
	}
	const whole = new Uint8Array(got);
	got = 0;
	for (const chunk of chunks) {
		whole.set(chunk, got);
		got += chunk.length;
	}
	return whole.buffer;
}

export async function fetchSource(id, index) {
	return (await get(`source/${encodeURIComponent(id)}/${index}`)).json();
}

/* Where the file itself is. */
export function fileAddress(id) {
	return API + "file/" + encodeURIComponent(id);
}

export async function fetchCompare(before, after) {
	return (await get("compare?" + new URLSearchParams({ before, after }))).json();
}
