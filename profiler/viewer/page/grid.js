/* A table that sorts, moves with the keys, and keeps only the rows near the view in the document. */
import { element } from "./dom.js";

const MARGIN = 20;

/* columns: [{key, title, hint, kind: "number" | "text", wide, cell(row) -> text or node, value(row), down}];
 * `down`: the first click sorts descending. onsort(key, reverse), onopen(row), keyOf(row). */
export class Grid {
	constructor(label, columns, { onsort, onopen, onpoint, keyOf, rowHeight = 28 }) {
		Object.assign(this, { columns, onsort, onopen, onpoint, keyOf, rowHeight, rows: [], chosen: null });
		this.head = element("tr", null, ...columns.map((column) => this.title(column)));
		this.body = element("tbody");
		this.table = element("table", { "aria-label": label, "aria-rowcount": "0" }, element("thead", null, this.head), this.body);
		this.host = element("div", { class: "grid", tabindex: "0", role: "region", "aria-label": label }, this.table);
		this.host.addEventListener("scroll", () => this.fill(), { passive: true });
		new ResizeObserver(() => this.fill()).observe(this.host);
		this.body.addEventListener("click", (event) => this.click(event));
		this.body.addEventListener("mouseover", (event) => this.pointAt(event));
		this.body.addEventListener("mouseleave", () => this.onpoint && this.onpoint(null));
		this.host.addEventListener("keydown", (event) => this.keydown(event));
		this.at = 0;
	}

	title(column) {
		const sorts = element("button", { type: "button", title: column.hint,
			onclick: () => this.onsort(column.key, this.sort === column.key ? !this.reverse : false) }, column.title);

		return element("th", { scope: "col", class: `${column.kind} ${column.wide ? "wide" : ""}`, "data-key": column.key },
			column.value ? sorts : column.title);
	}

	show(rows, sort, reverse) {
		const column = this.columns.find((one) => one.key === sort && one.value);

		this.sort = sort;
		this.reverse = reverse;
		this.rows = column ? sorted(rows, column, reverse) : rows;
		for (const title of this.head.children)
			if (title.dataset.key === sort && column)
				title.setAttribute("aria-sort", Boolean(column.down) !== Boolean(reverse) ? "descending" : "ascending");
			else
				title.removeAttribute("aria-sort");
		this.table.setAttribute("aria-rowcount", this.rows.length);
		this.at = Math.min(this.at, Math.max(0, this.rows.length - 1));
		this.shown = null;
		this.fill();
	}

	fill() {
		const { host, rows, rowHeight } = this;
		const from = Math.max(0, Math.floor(host.scrollTop / rowHeight) - MARGIN);
		const to = Math.min(rows.length, Math.ceil((host.scrollTop + (host.clientHeight || 600)) / rowHeight) + MARGIN);
		const shown = `${from} ${to}`;

		if (this.shown === shown)
			return;
		this.shown = shown;
		this.body.replaceChildren(spacer(from * rowHeight, this.columns.length),
			...rows.slice(from, to).map((row, i) => this.row(row, from + i)),
			spacer((rows.length - to) * rowHeight, this.columns.length));
	}

	row(row, index) {
		const made = element("tr", { "data-index": index, "aria-rowindex": index + 1,
			"aria-selected": this.chosen !== null && this.keyOf(row) === this.chosen ? "true" : null });

		for (const column of this.columns)
			made.append(element("td", { class: `${column.kind} ${column.wide ? "wide" : ""}`, "data-key": column.key,
				"data-title": column.title }, column.cell(row)));
		return made;
	}

	choose(key, scroll) {
		this.chosen = key;
		const index = this.rows.findIndex((row) => this.keyOf(row) === key);
		if (scroll && index >= 0)
			this.seek(index);
		this.shown = null;
		this.fill();
	}

	seek(index) {
		const { host, rowHeight } = this;
		const top = index * rowHeight, head = this.head.offsetHeight;

		this.at = index;
		if (top < host.scrollTop)
			host.scrollTop = top;
		else if (top + rowHeight + head > host.scrollTop + host.clientHeight)
			host.scrollTop = top + rowHeight + head - host.clientHeight;
	}

	rowUnder(event) {
		const line = event.target.closest("tr[data-index]");

		return line ? this.rows[Number(line.dataset.index)] : null;
	}

	click(event) {
		const row = this.rowUnder(event);

		if (!row || event.target.closest("input, a, button, label"))
			return;
		this.at = this.rows.indexOf(row);
		this.onopen(row);
	}

	pointAt(event) {
		if (this.onpoint)
			this.onpoint(this.rowUnder(event));
	}

	keydown(event) {
		const page = Math.max(1, Math.floor(this.host.clientHeight / this.rowHeight) - 2);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };

		if (event.target !== this.host || !this.rows.length || event.ctrlKey || event.metaKey || event.altKey)
			return;
		if (event.key in steps) {
			this.at = this.started ? Math.min(this.rows.length - 1, Math.max(0, this.at + steps[event.key])) : this.at;
			this.started = true;
			this.seek(this.at);
			this.fill();
			this.showAt();
		} else if (event.key === "Enter")
			this.onopen(this.rows[this.at]);
		else if (event.key === " " && this.onpick)
			this.onpick(this.rows[this.at]);
		else
			return;
		event.preventDefault();
	}

	showAt() {
		for (const line of this.body.children)
			line.classList.toggle("at", line.dataset.index === String(this.at));
		if (this.onpoint)
			this.onpoint(this.rows[this.at]);
	}
}

function spacer(height, columns) {
	const line = element("tr", { class: "spacer", "aria-hidden": "true" }, element("td", { colspan: columns }));

	line.hidden = height <= 0;
	line.firstChild.style.height = `${Math.max(0, height)}px`;
	return line;
}

function sorted(rows, column, reverse) {
	const direction = Boolean(column.down) !== Boolean(reverse) ? -1 : 1;

	return rows.map((row, i) => [column.value(row), i, row])
		.sort(([left, i], [right, k]) => direction * (left < right ? -1 : left > right ? 1 : 0) || i - k)
		.map(([, , row]) => row);
}
