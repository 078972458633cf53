/* Covers a place while work for it runs. It appears after a moment, so that quick work does not flicker. */
import { element } from "./dom.js";

const DELAY_MS = 150;

export class Progress {
	constructor(label) {
		this.bar = element("progress", { max: "1", value: "0", "aria-label": label });
		this.text = element("div", null, label);
		this.host = element("div", { class: "progress", role: "status", hidden: true }, element("div", null, this.bar, this.text));
	}

	start(label) {
		this.text.textContent = label;
		this.bar.value = 0;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => {
			this.host.hidden = false;
		}, DELAY_MS);
	}

	at(fraction) {
		this.bar.value = fraction;
	}

	end() {
		clearTimeout(this.timer);
		this.host.hidden = true;
	}
}
