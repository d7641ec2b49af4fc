import { homedir } from 'node:os'
import { join } from 'node:path'

/** What a typed line asks for. */
export type Typed =
  | { readonly kind: 'question'; readonly text: string }
  | { readonly kind: 'image'; readonly file: string }
  | { readonly kind: 'new' | 'help' | 'exit' | 'nothing' }
  | { readonly kind: 'unknown'; readonly name: string }

/** A file name as typed or dropped onto a terminal: in quotes, with escaped spaces, or with ~ for the home folder. */
export function typedPath(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text)
  const path = quoted ? quoted[2]! : process.platform === 'win32' ? text : text.replace(/\\(.)/g, '$1')
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}

/** Reads a line of the conversation: a question, or a command that begins with a slash (two make a literal one). */
export function readTyped(line: string): Typed {
  const text = line.trim()
  if (text === '') return { kind: 'nothing' }
  if (!text.startsWith('/')) return { kind: 'question', text }
  if (text.startsWith('//')) return { kind: 'question', text: text.slice(1) }
  const [, name = '', rest = ''] = /^(\/\S*)\s*(.*)$/su.exec(text) ?? []
  switch (name) {
    case '/new':
      return { kind: 'new' }
    case '/image':
      return { kind: 'image', file: typedPath(rest) }
    case '/help':
    case '/?':
      return { kind: 'help' }
    case '/exit':
    case '/quit':
      return { kind: 'exit' }
    default:
      return { kind: 'unknown', name }
  }
}
