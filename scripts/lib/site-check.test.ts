import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { siteProblems } from './site-check.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'site-'))
  mkdirSync(path.join(folder, 'zh'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (file: string, text: string): void => writeFileSync(path.join(folder, file), text)

it('follows links and anchors as a browser does', () => {
  write(
    'index.html',
    '<a class="x" href="/zh/">a</a> <a href="zh/b.html#%E7%94%BB">b</a> <a href="https://x.org/">c</a>',
  )
  write('zh/index.html', '<a href="../index.html">a</a> <a href="#top">b</a><p id="top">')
  write('zh/b.html', '<h2 id="画">')
  expect(siteProblems(folder)).toEqual([])
  write('zh/b.html', '<h2 id="other"> <a href="/c.html">c</a> <a href="./d.txt">d</a>')
  expect(siteProblems(folder)).toEqual([
    'index.html: zh/b.html#%E7%94%BB: has no such anchor',
    'zh/b.html: /c.html: is not there',
    'zh/b.html: ./d.txt: is not there',
  ])
})

it('holds the site to its base', () => {
  write('index.html', '<a href="/docs/zh/">a</a> <a href="/zh/">b</a>')
  write('zh/index.html', '')
  expect(siteProblems(folder, '/docs/')).toEqual(['index.html: /zh/: lies outside of the site'])
})

it('finds what comes from another host', () => {
  write(
    'index.html',
    '<script src="https://cdn.example.org/x.js"></script><img src="/a.png"><img alt="" src="//b/c.png">',
  )
  write('style.css', '@import "https://fonts.example.org/f.css"; a { background: url(data:image/png;base64,AA==) }')
  expect(siteProblems(folder)).toEqual([
    'index.html: fetches https://cdn.example.org/x.js',
    'index.html: fetches //b/c.png',
    'style.css: fetches https://fonts.example.org/f.css',
  ])
})
