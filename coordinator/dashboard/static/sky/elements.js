// Makes elements; text is always text.
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value != null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Numbers as the pages write them; unknown is a dash.
export const number = (value, digits) => (value == null ? "—" : value.toFixed(digits));
export const probability = (value) => (value == null ? "—" : value === 0 || value >= 0.0005 ? value.toFixed(3) : value.toExponential(1));
export const signed = (value, digits) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
export const utc = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

// Time after T0 as the pages write it (`text.since`); where there is no T0, nothing.
export function sinceT0(seconds, hasT0 = true) {
  if (!hasT0) return "";
  const whole = Math.round(seconds), size = Math.abs(whole), days = Math.floor(size / 86400);
  const clock = [size / 3600 % 24, size / 60 % 60, size % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
  return `T0${whole < 0 ? "-" : "+"}${days ? `${days} d ` : ""}${clock}`;
}
