/* The facts of a box: beside the pointer, and in the line below the graph. */
import { element } from "./dom.js";

export class Tip {
	constructor() {
		this.host = element("div", { class: "tip", role: "tooltip", hidden: true });
		this.shown = null;
		addEventListener("keydown", () => this.show(null), { capture: true }); /* the key may move the box */
	}

	/* `facts`: {title, place, numbers: [[name, value], ...]}; null hides it. */
	show(facts, key, event) {
		if (!facts || !event || matchMedia("(hover: none)").matches) {
			this.host.hidden = true;
			this.shown = null;
			return;
		}
		if (this.shown !== key) {
			this.shown = key;
			this.host.replaceChildren(element("div", { class: "what" }, element("bdi", null, facts.title)),
				element("div", { class: "faint mono" }, element("bdi", null, facts.place)),
				element("dl", null, ...facts.numbers.flatMap(([name, value]) => [element("dt", null, name), element("dd", null, value)])));
			this.host.hidden = false;
			this.width = this.host.offsetWidth;
			this.height = this.host.offsetHeight;
		}
		const left = event.clientX + 16 + this.width > innerWidth ? event.clientX - this.width - 12 : event.clientX + 16;
		const top = event.clientY + 18 + this.height > innerHeight ? event.clientY - this.height - 10 : event.clientY + 18;
		this.host.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
	}
}

export class Details {
	constructor() {
		this.first = element("div", { class: "what" });
		this.second = element("div", { class: "faint" });
		this.host = element("div", { class: "details", id: "details", role: "status", "aria-live": "polite" }, this.first, this.second);
	}

	show(facts) {
		this.first.replaceChildren(...(facts ? [element("bdi", null, element("b", null, facts.title), " ", facts.place)] : []));
		this.second.textContent = facts ? facts.numbers.map(([name, value]) => `${name} ${value}`).join(" · ") : "";
	}
}
