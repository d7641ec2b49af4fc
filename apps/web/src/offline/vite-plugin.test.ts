import { expect, it } from 'vitest'
import { pageFiles } from './vite-plugin.js'

const built = new Map<string, string | Uint8Array>([
  ['index.html', '<html>'],
  ['assets/index-1.js', 'code'],
  ['assets/runtime-2.wasm', Uint8Array.of(0, 97)],
])

it('tells what the page needs to open from what can come later', () => {
  const { shell, later } = pageFiles(built)
  expect([shell, later]).toEqual([['assets/index-1.js', 'index.html'], ['assets/runtime-2.wasm']])
})

it('is another version for another name or another content, and for nothing else', () => {
  const version = (change: Record<string, string> = {}, ...drop: string[]) => {
    const files = new Map([...built, ...Object.entries(change)])
    for (const name of drop) files.delete(name)
    return pageFiles(files).version
  }
  expect(pageFiles(new Map([...built].reverse())).version).toBe(version())
  const others = [version({ 'index.html': '<html >' }), version({ 'a.js': '' }), version({}, 'index.html')]
  expect(new Set([version(), ...others]).size).toBe(4)
})
