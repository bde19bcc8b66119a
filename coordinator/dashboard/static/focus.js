// Where the keyboard is, told so that it is found again in a panel that was written anew.

// By what a link, a button or a row's details are known again on the next page.
export function nameOf(element) {
  return element.dataset.key ?? element.getAttribute("href") ?? element.parentElement?.dataset.detail ?? element.textContent;
}

// Puts the keyboard on what has this name.
export function keep(panel, name) {
  const found = [...panel.querySelectorAll("a, summary, button, tr[data-key]")].find((e) => nameOf(e) === name);
  if (found?.matches("tr")) found.tabIndex = 0;
  found?.focus({ preventScroll: true });
}
