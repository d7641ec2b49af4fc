const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What XML cannot hold, and what would turn the direction of the text around it. */
const unprintable =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g

/** Text as it may stand in HTML and SVG, in elements and in quoted attributes; control characters become `\uFFFD`. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd') // halves of characters
    .replace(unprintable, '\ufffd')
    .replace(/[&<>"']/g, character => entities[character]!)
}
