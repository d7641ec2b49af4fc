import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from './start.js'

const require = createRequire(import.meta.url)
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`))

/** Debian's Chromium, or undefined. @throws in CI, where it has to be */
function findChromium(): string | undefined {
  const files = (process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'chromium'))
  const found = files.find(file => existsSync(file))
  if (found === undefined && process.env.CI === 'true')
    throw new Error('chromium is not on the PATH: apt-get install chromium')
  return found
}

const executablePath = findChromium()
if (executablePath === undefined) console.warn('SKIPPED: the page in a browser; there is no chromium on the PATH')

describe.skipIf(executablePath === undefined)('the page, as the server serves it', { timeout: 120_000 }, () => {
  let dist: string
  let server: RunningServer
  let browser: Browser
  const complaints: string[] = []

  beforeAll(async () => {
    dist = mkdtempSync(join(tmpdir(), 'viscpm-page-'))
    const web = folderOf('@viscpm/web')
    const vite = createRequire(join(web, 'package.json')).resolve('vite/package.json')
    const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
    const args = [join(dirname(vite), 'bin/vite.js'), 'build', '--outDir', dist, '--emptyOutDir', '--logLevel', 'error']
    const built = spawnSync(process.execPath, args, {
      cwd: web,
      env: { ...env, NODE_ENV: 'production' },
      encoding: 'utf8',
    })
    expect(built.status, built.stderr).toBe(0)
    server = await startServer({ port: 0, log: 'silent', web: dist })
    await server.ready
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  }, 180_000)

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    rmSync(dist, { recursive: true, force: true })
  })

  async function visit(view: 'chat' | 'paint', { url } = server): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage()
    page.setDefaultTimeout(60_000)
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
    await page.goto(`${url}/#/${view}`)
    return page
  }

  async function ask(page: Page, question: string): Promise<string> {
    const before = await page.locator('.turn').count()
    await page.locator('.composer textarea').fill(question)
    await page.locator('.composer textarea').press('Enter')
    await page.locator('.turn').nth(before).locator('.answer-foot').waitFor()
    return (await page.locator('.answer-text').last().textContent()) ?? ''
  }

  it('answers about a picture, and the browser alone goes on with the talk', async () => {
    const page = await visit('chat')
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles(join(folderOf('@viscpm/tiny'), 'pictures/cat-above-fish.png'))
    await page.locator('.attached img').waitFor()
    const answer = await ask(page, 'What is in the picture?')
    expect(answer).toMatch(/cat|fish/)
    await page.getByRole('button', { name: /^Settings/ }).click()
    await page.getByLabel('In this browser').check()
    await page.keyboard.press('Escape')
    await page.locator('.chip-place', { hasText: 'This browser' }).waitFor()
    await page.locator('.turn').first().waitFor()
    expect(await ask(page, 'What is in the picture?')).not.toBe('')
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    await page.context().close()
    expect(complaints).toEqual([])
  })

  it('goes on in the browser alone when the server is gone, also after a reload', async () => {
    const own = await startServer({ port: 0, log: 'silent', web: dist })
    const page = await visit('chat', own)
    try {
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.getByRole('button', { name: /^Settings/ }).click()
      await page.getByLabel('In this browser').check()
      await page.keyboard.press('Escape')
      const about = async () => {
        await page
          .locator('input[type=file]')
          .first()
          .setInputFiles(join(folderOf('@viscpm/tiny'), 'pictures/cat-above-fish.png'))
        await page.locator('.attached img').waitFor()
        return ask(page, 'What is in the picture?')
      }
      const answer = await about()
      expect(answer).not.toBe('')
      // What is kept is written beside the answer.
      await page.waitForFunction(async () => {
        const names = await caches.keys()
        const urls = await Promise.all(names.map(async name => (await caches.open(name)).keys()))
        return urls.flat().some(({ url }) => url.endsWith('.wasm'))
      })
      await own.close()
      await page.reload()
      await page.locator('.chip-place', { hasText: 'This browser' }).waitFor()
      expect(await about()).toBe(answer)
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
    } finally {
      await page.context().close()
      await own.close()
      // Requests that nobody answers are what this is about; Chromium logs each.
      expect(complaints.splice(0).filter(text => !text.startsWith('Failed to load resource'))).toEqual([])
    }
  })

  it('paints with previews, and explains what is not painted', async () => {
    const page = await visit('paint')
    await page.getByLabel('Steps').first().fill('30')
    await page.getByLabel('Candidates').first().fill('2')
    await page.locator('#prompt').fill('a red cat')
    await page.locator('#prompt').press('Enter')
    await page.locator('.preview').first().waitFor()
    await page.locator('.stage-result .shown').waitFor()
    expect(await page.locator('.candidates button').count()).toBe(2)
    await page.locator('#prompt').fill('naked woman, porn')
    await page.locator('#prompt').press('Enter')
    await page.locator('.explained').first().waitFor()
    await page.context().close()
    // The refusal is an answer with status 400, which Chromium logs.
    expect(complaints.filter(text => !text.startsWith('Failed to load resource'))).toEqual([])
  })
})
