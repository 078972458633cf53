/* Requests to the server; docs/viewer.md has the formats. A page with an embedded profile sends none. */
import { decodeProfile } from "./wire.js";

const API = "api/";
const LIST_TIMEOUT_MS = 15000; /* without it, a response that never comes would end the polling */
let requestsTag = null;

export function embedded() {
	return document.getElementById("profile");
}

/** Marks an error that a later try may not have.
 * @returns {never} */
function noResponse(error) {
	throw Object.assign(error, { noResponse: true });
}

async function get(path, options) {
	const response = await fetch(API + path, { credentials: "same-origin", cache: "no-store", ...options }).catch(noResponse);

	if (!response.ok && response.status !== 304) {
		const body = await response.json().catch(() => null);
		throw Object.assign(new Error(body && body.error ? body.error : `the server responded with status ${response.status}`), { status: response.status });
	}
	return response;
}

/* Resolves to null when nothing changed since the last call. */
export async function fetchRequests() {
	const response = await get("requests", { headers: requestsTag ? { "If-None-Match": requestsTag } : {}, signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });

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
		const { done, value } = await reader.read().catch(noResponse);
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

/* The address of the .prof file. */
export function fileAddress(id) {
	return API + "file/" + encodeURIComponent(id);
}

export async function fetchCompare(before, after) {
	return (await get("compare?" + new URLSearchParams({ before, after }))).json();
}
