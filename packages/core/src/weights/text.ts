const unprintable = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu

/** A name taken from a file, quoted, shortened and free of control characters, fit for an error message. */
export function shown(name: string): string {
  const short = name.length > 120 ? `${name.slice(0, 120)}...` : name
  return JSON.stringify(short).replace(unprintable, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
