/** Control characters, and those that turn the direction of text: a file's names must not command the terminal. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

function escaped(character: string): string {
  const code = character.codePointAt(0)!
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Text as it may be shown in a terminal: line breaks and tabs stay, other control characters become visible. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped)
}

/** The same on one line. */
export function oneLine(text: string): string {
  return printable(text.replace(/\r?\n\s*/g, ' ').replace(/\t/g, ' ')).trim()
}

/** On one line, the spaces before it kept. */
export const oneLineKept = (line: string): string => /^ */.exec(line)![0] + oneLine(line)
