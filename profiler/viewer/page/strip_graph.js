/* Draws a layout as rows of boxes: an icicle hangs from its root, a flame stands on it. */
import { boxAt, depthOf, rowsBelow, visitRow } from "./layout.js";

export const ROW = matchMedia("(pointer: coarse)").matches ? 28 : 20; /* a finger needs more */
const LABEL_FROM = 26; /* pixels; narrower boxes have no text */
const SIZE_FROM = 150; /* wider boxes show their size, in SIZE_ROOM pixels */
const SIZE_ROOM = 64;

/* A view: {x0, x1, top (depth of the first row), depth (of the zoomed box), most (rows below it), least (width of a box)}. */
export class StripGraph {
	constructor(upwards) {
		this.upwards = upwards;
	}

	/* The number of rows, seen and scrolled away. */
	rows(layout, view) {
		return view.depth - view.top + 1 + rowsBelow(layout, view.zoom, view.most);
	}

	height(layout, view) {
		return this.rows(layout, view) * ROW + 1;
	}

	rowTop(row, size) {
		return this.upwards ? size.content - (row + 1) * ROW - size.scroll : row * ROW - size.scroll;
	}

	draw(graph, view) {
		const { size, model } = graph;
		const scale = size.width / (view.x1 - view.x0);
		const count = this.rows(model.layout, view);
		const stretch = (from, to) => {
			const left = Math.max(0, (from - view.x0) * scale);
			return [left, Math.min(size.width, (to - view.x0) * scale) - left];
		};

		for (let row = 0; row < count; row++) {
			const y = this.rowTop(row, size);
			if (y > size.height || y + ROW < 0)
				continue;
			visitRow(model.layout, view.top + row, view.x0, view.x1, 1 / scale, Math.max(1 / scale, view.least),
				(box, from, to) => this.drawBox(graph, box, y, ...stretch(from, to)),
				(from, to) => {
					const [x, width] = stretch(from, to);
					graph.context.fillStyle = graph.colours.merged;
					graph.context.fillRect(x, y, width, ROW - 1);
				});
		}
	}

	drawBox(graph, box, y, x, width) {
		const { context } = graph;

		graph.remember(box, x, y, width);
		graph.paintNode(box, () => context.fillRect(x, y, width > 3 ? Math.max(1, width - 1) : width, ROW - 1), (label, node) => {
			const sized = width >= SIZE_FROM;
			const text = width < LABEL_FROM ? "" : graph.fitted(label, width - (sized ? SIZE_ROOM : 0) - 9);
			if (text)
				context.fillText(text, x + 4, y + ROW / 2);
			if (sized) {
				context.textAlign = "right";
				context.fillText(graph.model.size(node), x + width - 6, y + ROW / 2);
				context.textAlign = "start";
			}
		});
	}

	/* Rows scroll, so none is hidden. */
	hidden() {
		return 0;
	}

	outline(context, layout, view, size, x, y, width) {
		context.strokeRect(x + 1, y + 1, Math.max(1, width - 3), ROW - 3);
	}

	hit(layout, view, size, x, y) {
		const row = this.upwards
			? Math.floor((size.content - size.scroll - y) / ROW)
			: Math.floor((y + size.scroll) / ROW);

		if (row < 0 || row >= this.rows(layout, view))
			return -1;
		return boxAt(layout, view.top + row, view.x0 + x / size.width * (view.x1 - view.x0));
	}

	/* The top of a box's row in the scrolled content. */
	place(layout, view, size, box) {
		const row = depthOf(layout, box) - view.top;

		return this.upwards ? size.content - (row + 1) * ROW : row * ROW;
	}
}

/* The nearest box in the same row; -1 beyond its ends. */
export function beside(layout, box, step) {
	const depth = depthOf(layout, box), next = box + step;

	return next >= layout.rows[depth] && next < layout.rows[depth + 1] ? next : -1;
}

/* The longest child. */
export function below(layout, box) {
	let best = -1, width = -1;

	for (let child = layout.firsts[box]; child < layout.firsts[box + 1]; child++)
		if (layout.ends[child] - layout.starts[child] > width) {
			best = child;
			width = layout.ends[child] - layout.starts[child];
		}
	return best;
}
