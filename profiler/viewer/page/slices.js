/* Long work in slices, so that the page stays responsive. */

const SLICE_MS = 10;

function nextTask() {
	return new Promise((resolve) => {
		const channel = new MessageChannel();
		channel.port1.onmessage = () => {
			channel.port1.close();
			resolve();
		};
		channel.port2.postMessage(null);
	});
}

/* Ends work whose result is no longer needed. */
export class Abandoned extends Error {}

/* Calls `report(fraction)` between slices. After `stop()` the next pause throws Abandoned. */
export class Work {
	constructor(report) {
		this.report = report || (() => {});
		this.since = performance.now();
		this.stopped = false;
	}

	stop() {
		this.stopped = true;
	}

	/* Call it every few thousand steps. */
	async pause(fraction) {
		if (performance.now() - this.since < SLICE_MS)
			return;
		this.report(fraction);
		await nextTask();
		if (this.stopped)
			throw new Abandoned();
		this.since = performance.now();
	}

	/* Calls body(from, to) for ranges of 0 <= i < count. */
	async each(count, body, from = 0, share = 1) {
		const step = 1 << 14;

		for (let i = 0; i < count; i += step) {
			body(i, Math.min(count, i + step));
			await this.pause(from + share * i / count);
		}
	}
}
