/* Light, dark, or the system's theme. The browser remembers it where it can. */
const KEY = "komori-theme";

export function chosenTheme() {
	try {
		return localStorage.getItem(KEY) || "";
	} catch {
		return "";
	}
}

export function applyTheme(theme) {
	if (theme)
		document.documentElement.dataset.theme = theme;
	else
		delete document.documentElement.dataset.theme;
	try {
		localStorage.setItem(KEY, theme);
	} catch {
		/* A page from a file may have no storage. Then the choice lasts for this visit. */
	}
}
