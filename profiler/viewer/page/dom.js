/* The only place that makes elements: text of a profile never becomes markup. */

/* Attributes named on... are listeners; null and false are omitted; true is an empty attribute. */
export function element(tag, attributes, ...children) {
	const made = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			made.addEventListener(name.slice(2), value);
		else if (value !== null && value !== undefined && value !== false)
			made.setAttribute(name, value === true ? "" : value);
	}
	made.append(...children.filter((child) => child !== null && child !== undefined));
	return made;
}

export function button(text, title, onclick, attributes) {
	return element("button", { type: "button", title, onclick, ...attributes }, text);
}

/* `choices`: [[value, text], ...]. */
export function choice(label, choices, onchange, attributes) {
	const select = element("select", { "aria-label": label, ...attributes });

	select.append(...choices.map(([value, text]) => element("option", { value }, text)));
	select.addEventListener("change", () => onchange(select.value));
	return select;
}

/* Buttons of which one is pressed; `pick(value)` presses one. */
export function segments(label, choices, onpick) {
	const group = element("div", { class: "segments", role: "group", "aria-label": label });
	const buttons = choices.map(([value, text, title]) => {
		const one = button(text, title, () => onpick(value));
		one.dataset.value = value;
		return one;
	});

	const pick = (value) => {
		for (const one of buttons)
			one.setAttribute("aria-pressed", one.dataset.value === value);
	};

	group.append(...buttons);
	pick(null);
	return Object.assign(group, { pick });
}

/* Replaces the children. When one of them had the keyboard focus, `heir()` gets it. */
export function replaceHeld(host, children, heir) {
	const held = host.contains(document.activeElement) && document.activeElement.matches(":focus-visible");

	host.replaceChildren(...children);
	if (held)
		heir().focus({ preventScroll: true });
}

export function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}
