/* Light, dark, or as the system has it; remembered where the browser allows it. */
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
		/* A page from a file may have no storage: then it is for this visit. */
	}
}
