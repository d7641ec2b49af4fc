const end = /[。！？!?…]+["”』」)）]*|[.]+["”)]*(?=\s)|\n+/gu

/** Cuts a growing text into what can be read out: whole sentences, and at the end the rest. */
export class Sentences {
  #told = 0

  /** What is complete in `text` and was not given before; '' where there is nothing. */
  next(text: string): string {
    let to = this.#told
    for (const match of text.slice(this.#told).matchAll(end)) to = this.#told + match.index + match[0].length
    return this.#take(text, to)
  }

  /** All that was not given before. */
  rest(text: string): string {
    return this.#take(text, text.length)
  }

  #take(text: string, to: number): string {
    const part = text.slice(this.#told, to).trim()
    this.#told = to
    return part
  }
}
