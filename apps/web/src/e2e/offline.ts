import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { fakeServer } from '../fixtures/fake-server.js'
import { askAboutSample, button, type Scene } from './scene.js'

const kept = { serviceWorkers: 'allow' } as const

/** Waits until the browser keeps the page. */
const keeping = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready
    if (navigator.serviceWorker.controller === null)
      await new Promise(resolve => navigator.serviceWorker.addEventListener('controllerchange', resolve))
  })

/** Names of the caches of the page, and the paths in each. */
const caches = (page: Page): Promise<Record<string, string[]>> =>
  page.evaluate(async () => {
    const found: Record<string, string[]> = {}
    for (const name of await globalThis.caches.keys())
      if (name.startsWith('viscpm-page-'))
        found[name] = (await (await globalThis.caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
    return found
  })

export function offlineScenes(scene: Scene, dist: () => string): void {
  it('opens without its server, and offers to compute in the browser', async () => {
    const page = await scene.visit('chat', kept)
    await keeping(page)
    await askAboutSample(page, 'What is this?')
    const files = Object.values(await caches(page))
    expect(files.length).toBe(1)
    expect(files[0]).toContain('/index.html')
    expect(files[0]!.filter(file => !/^\/(assets\/[\w.-]+|index\.html|theme\.js)$/.test(file))).toEqual([])

    await scene.server.close()
    await page.reload()
    // Nobody chose: the browser itself takes over, and says so.
    await page.locator('.chip-place', { hasText: 'This browser' }).waitFor()
    // Nothing was computed here before, so there is no model to compute with.
    await page.getByText('The embedded model is not in this browser yet').waitFor()
    // What was said is still there, and the page may still share memory between threads.
    await page.locator('.side .conversation').waitFor()
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)

    await page.evaluate(() => localStorage.setItem('viscpm.preferences', JSON.stringify({ place: 'server' })))
    await page.reload()
    await page.getByText('The server does not answer').waitFor()
    await button(page, 'Compute in this browser').waitFor()
    await page.locator('nav.views a').nth(1).click()
    await page.locator('#prompt').waitFor()
  })

  it('keeps the version it began with until it is closed, then the new one alone', async () => {
    const copy = mkdtempSync(path.join(tmpdir(), 'viscpm-web-'))
    cpSync(dist(), copy, { recursive: true })
    const server = await fakeServer(copy)
    try {
      const first = await scene.visit('chat', kept)
      const context = first.context()
      await first.goto(server.url)
      await keeping(first)
      const [old] = Object.keys(await caches(first))
      const script = path.join(copy, 'sw.js')
      const [, version = ''] = /"version":"(\w+)"/.exec(readFileSync(script, 'utf8')) ?? []
      expect(old).toBe(`viscpm-page-${version}`)
      writeFileSync(script, readFileSync(script, 'utf8').replace(version, 'a-new-one'))
      writeFileSync(
        path.join(copy, 'index.html'),
        readFileSync(path.join(copy, 'index.html'), 'utf8').replace('<title>', '<title>New '),
      )

      await first.reload()
      await first.evaluate(async () => {
        const registration = await navigator.serviceWorker.ready
        while (!registration.waiting) await new Promise(resolve => setTimeout(resolve, 50))
      })
      expect(Object.keys(await caches(first)).sort()).toEqual([old, 'viscpm-page-a-new-one'].sort())
      await first.goto('about:blank')
      const second = await context.newPage()
      await second.goto(server.url)
      await expect
        .poll(async () => Object.keys(await caches(second)), { timeout: 20_000 })
        .toEqual(['viscpm-page-a-new-one'])
      await server.close()
      const html = await second.evaluate(async () => (await fetch('./index.html')).text())
      expect(html).toContain('<title>New ')
    } finally {
      await server.close()
      rmSync(copy, { recursive: true, force: true })
    }
  })
}
