/* A table with sorting and keyboard navigation. The document has only the rows near the view. */
import { element } from "./dom.js";

const MARGIN = 20;
let grids = 0;

/* columns: [{key, title, hint, name, kind: "number" | "text", wide, cell(row) -> text or node, value(row), down}];
 * `down`: the first click sorts descending; `name`: label of a column without title. Listeners: onsort(key, reverse), onopen(row),
 * onpoint(row or null), onpick(row) for Space. keyOf(row) identifies a row. The style has the height of a row (--row). */
export class Grid {
	rows = [];
	chosen = null;
	lines = new Map();
	at = 0; /* the current row */
	top = 0;

	constructor(label, columns, { onsort, onopen, onpoint = null, onpick = null, keyOf }) {
		this.columns = columns;
		this.onsort = onsort;
		this.onopen = onopen;
		this.onpoint = onpoint;
		this.onpick = onpick;
		this.keyOf = keyOf;
		this.id = `grid-${++grids}`;
		this.head = element("tr", { role: "row" }, ...columns.map((column) => this.title(column)));
		this.above = spacer(columns.length);
		this.below = spacer(columns.length);
		this.body = element("tbody", { role: "rowgroup" }, this.above, this.below);
		this.host = element("div", { class: "grid", tabindex: "0", role: "grid", "aria-label": label, "aria-rowcount": "0" },
			element("table", { role: "presentation" }, element("thead", { role: "rowgroup" }, this.head), this.body));
		this.host.addEventListener("scroll", () => this.scrolled(), { passive: true });
		new ResizeObserver(() => this.fill()).observe(this.host);
		this.body.addEventListener("click", (event) => this.click(event));
		this.body.addEventListener("mouseover", (event) => this.pointAt(event));
		this.body.addEventListener("mouseleave", () => this.onpoint && this.onpoint(null));
		this.host.addEventListener("keydown", (event) => this.keydown(event));
	}

	title(column) {
		const sorts = element("button", { type: "button", title: column.hint,
			onclick: () => this.onsort(column.key, this.sort === column.key ? !this.reverse : false) }, column.title);

		return element("th", { role: "columnheader", scope: "col", class: `${column.kind} ${column.wide ? "wide" : ""}`, "data-key": column.key,
			title: column.value ? null : column.hint, "aria-label": column.name }, column.value ? sorts : column.title);
	}

	/* Rows that come and go above the view move neither the view nor the current row. */
	show(rows, sort, reverse) {
		const column = this.columns.find((one) => one.key === sort && one.value);
		const turned = this.sort !== sort || this.reverse !== reverse;
		const [first, at] = [this.rows[Math.floor(this.top / this.rowHeight())], this.rows[this.at]].map((row) => row && this.keyOf(row));

		this.sort = sort;
		this.reverse = reverse;
		this.rows = column ? sorted(rows, column, reverse) : rows;
		for (const title of this.head.children)
			if (title.dataset.key === sort && column)
				title.setAttribute("aria-sort", Boolean(column.down) !== Boolean(reverse) ? "descending" : "ascending");
			else
				title.removeAttribute("aria-sort");
		this.host.setAttribute("aria-rowcount", this.rows.length + 1);
		this.at = Math.max(0, turned ? 0 : this.indexOf(at));
		const kept = this.indexOf(first);
		if (turned)
			this.scrollTo(0);
		else if (this.top > 0 && kept >= 0)
			this.scrollTo(kept * this.rowHeight() + this.top % this.rowHeight());
		this.stale = true;
		this.fill();
	}

	indexOf(key) {
		return key === undefined ? -1 : this.rows.findIndex((row) => this.keyOf(row) === key);
	}

	rowHeight() {
		return parseFloat(getComputedStyle(this.host).getPropertyValue("--row")) || 28;
	}

	/* Fills first: the body must have its height before it can scroll to the last row. */
	scrollTo(top) {
		if (top === this.top)
			return;
		this.top = top;
		this.stale = true;
		this.fill();
		this.host.scrollTop = top;
		this.top = this.host.isConnected ? this.host.scrollTop : top;
	}

	scrolled() {
		if (!this.host.isConnected)
			return;
		this.top = this.host.scrollTop;
		this.fill();
	}

	/* Restores the scroll position, which an element loses outside the document. */
	enter() {
		this.stale = true;
		this.fill();
		this.host.scrollTop = this.top;
	}

	fill() {
		const { host, rows, top } = this;
		const height = this.rowHeight();
		const from = Math.min(rows.length, Math.max(0, Math.floor(top / height) - MARGIN));
		const to = Math.min(rows.length, Math.ceil((top + (host.clientHeight || 600)) / height) + MARGIN);
		const shown = `${from} ${to} ${height}`;

		if (this.shown === shown && !this.stale)
			return;
		this.shown = shown;
		this.stale = false;
		const lines = new Map();
		const wanted = rows.slice(from, to).map((row, i) => this.line(row, from + i, lines));
		this.lines = lines;
		setHeight(this.above, from * height);
		setHeight(this.below, (rows.length - to) * height);
		placeInOrder(this.body, [this.above, ...wanted, this.below]);
		this.markAt();
	}

	/* Reuses a line whose text is the same, so that an update of other lines does not lose a click. */
	line(row, index, lines) {
		const key = this.keyOf(row);
		const made = element("tr", { role: "row" }, ...this.columns.map((column) =>
			element("td", { role: "gridcell", class: `${column.kind} ${column.wide ? "wide" : ""}`, "data-key": column.key }, column.cell(row))));
		const text = made.innerHTML;
		const old = this.lines.get(key);
		const line = old && old.text === text ? old.line : made;

		lines.set(key, { line, text });
		line.id = `${this.id}-${index}`;
		line.dataset.index = index;
		line.setAttribute("aria-rowindex", index + 2);
		line.setAttribute("aria-selected", this.chosen !== null && key === this.chosen);
		return line;
	}

	choose(key, scroll) {
		this.chosen = key;
		const index = this.rows.findIndex((row) => this.keyOf(row) === key);
		this.stale = true;
		if (scroll && index >= 0)
			this.seek(index);
		this.fill();
	}

	seek(index) {
		const { host } = this;
		const height = this.rowHeight(), top = index * height;
		const room = host.clientHeight - this.head.offsetHeight - height;

		this.at = index;
		if (top < this.top)
			this.scrollTo(top);
		else if (top > this.top + room)
			this.scrollTo(top - room);
	}

	rowUnder(event) {
		const line = event.target.closest("tr[data-index]");

		return line ? this.rows[Number(line.dataset.index)] : null;
	}

	click(event) {
		const row = this.rowUnder(event);

		if (!row || event.target.closest("input, a, button, label") || getSelection().type === "Range")
			return;
		this.at = this.rows.indexOf(row);
		this.markAt();
		this.onopen(row);
	}

	pointAt(event) {
		if (this.onpoint)
			this.onpoint(this.rowUnder(event));
	}

	keydown(event) {
		const page = Math.max(1, Math.floor(this.host.clientHeight / this.rowHeight()) - 2);
		const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };

		if (event.target !== this.host || !this.rows.length || event.ctrlKey || event.metaKey || event.altKey)
			return;
		if (event.key in steps) {
			this.seek(Math.min(this.rows.length - 1, Math.max(0, this.at + steps[event.key])));
			this.markAt();
			if (this.onpoint)
				this.onpoint(this.rows[this.at]);
		} else if (event.key === "Enter" && !event.shiftKey)
			this.onopen(this.rows[this.at]);
		else if (event.key === " " && this.onpick)
			this.onpick(this.rows[this.at]);
		else
			return;
		event.preventDefault();
		event.stopPropagation();
	}

	/* Marks the current row. */
	markAt() {
		for (const { line } of this.lines.values())
			line.classList.toggle("at", line.dataset.index === String(this.at));
		if (this.rows.length)
			this.host.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
		else
			this.host.removeAttribute("aria-activedescendant");
	}
}

function spacer(columns) {
	return element("tr", { class: "spacer", "aria-hidden": "true" }, element("td", { colspan: columns }));
}

function setHeight(line, height) {
	line.hidden = height <= 0;
	line.firstChild.style.height = `${Math.max(0, height)}px`;
}

/* Moves only nodes that are out of place. */
function placeInOrder(host, wanted) {
	const kept = new Set(wanted);

	for (const node of [...host.childNodes])
		if (!kept.has(node))
			node.remove();
	let at = host.firstChild;
	for (const node of wanted)
		if (node === at)
			at = at.nextSibling;
		else
			host.insertBefore(node, at);
}

function sorted(rows, column, reverse) {
	const direction = Boolean(column.down) !== Boolean(reverse) ? -1 : 1;

	return rows.map((row, i) => [column.value(row), i, row])
		.sort(([left, i], [right, k]) => direction * (left < right ? -1 : left > right ? 1 : 0) || i - k)
		.map(([, , row]) => row);
}
