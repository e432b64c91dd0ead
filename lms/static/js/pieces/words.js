/* Amounts and times of an upload in words. The sentences come with the page, in the reader's language. */

export function readable(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount.toFixed(unit > 1 ? 1 : 0)} ${units[unit]}`;
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function timeLeft(words, seconds) {
  if (seconds < 90) return filled(words.seconds, { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return filled(words.minutes, { n: Math.round(seconds / 60) });
  return filled(words.hours, { n: (seconds / 3600).toFixed(1) });
}
