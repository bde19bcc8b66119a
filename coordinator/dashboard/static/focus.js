// Where the keyboard is and what was chosen, told so that both are found again in a panel that was written anew.

// By what a link, a button or a row's details are known again on the next page.
export function nameOf(element) {
  return element.dataset.key ?? element.getAttribute("href") ?? element.parentElement?.dataset.detail ?? element.textContent;
}

// Puts the keyboard on what has this name.
export function keep(panel, name) {
  const found = [...panel.querySelectorAll("a, summary, button, select, tr[data-key]")].find((e) => nameOf(e) === name);
  if (found?.matches("tr")) found.tabIndex = 0;
  found?.focus({ preventScroll: true });
}

// What is chosen in a panel's lists, by name.
export function choices(panel) {
  return [...panel.querySelectorAll("select")].map(({ name, value }) => [name, value]);
}

// Chooses the same again, where it is still to be had.
export function choose(panel, chosen) {
  for (const [name, value] of chosen) {
    const list = [...panel.querySelectorAll("select")].find((one) => one.name === name);
    if (list && [...list.options].some((option) => option.value === value)) list.value = value;
  }
}
