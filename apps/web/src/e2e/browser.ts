import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type FakeServer, fakeServer } from '../fixtures/fake-server.js'

const home = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** The page as it is served, built for one run of tests, and a browser to look at it. */
export class Stage {
  readonly pages: Page[] = []
  /** Errors of all pages: scripts that threw, requests that failed, what the content security policy refused. */
  readonly complaints: string[] = []

  private constructor(
    readonly browser: Browser,
    readonly dist: string,
  ) {}

  static async open(executablePath: string): Promise<Stage> {
    const dist = mkdtempSync(path.join(tmpdir(), 'viscpm-web-'))
    buildPage(dist)
    // Root has no sandbox; a test picture stands for the camera.
    const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
    const args = ['--no-sandbox', '--disable-dev-shm-usage', ...camera]
    const browser = await chromium.launch({ executablePath, args })
    return new Stage(browser, dist)
  }

  serve(): Promise<FakeServer> {
    return fakeServer(this.dist)
  }

  /** A page of its own: nothing kept from others. */
  async visit(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1280, height: 860 },
      // What tests change on the way to the page must come from the server.
      serviceWorkers: 'block',
      ...options,
    })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    page.on('pageerror', error => this.complaints.push(String(error)))
    page.on('console', message => {
      // Answers that are errors are part of some tests; Chromium logs each.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.complaints.push(message.text())
      }
    })
    this.pages.push(page)
    await page.goto(url)
    return page
  }

  /** Leaves all pages. */
  async clear(): Promise<void> {
    await Promise.all(this.pages.splice(0).map(page => page.context().close()))
  }

  async close(): Promise<void> {
    await this.browser.close()
    rmSync(this.dist, { recursive: true, force: true })
  }
}

function buildPage(outDir: string): void {
  const vite = path.join(path.dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')
  const args = [vite, 'build', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error']
  // Not as a test: React and the page as people get them.
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
  const result = spawnSync(process.execPath, args, {
    cwd: home,
    env: { ...env, NODE_ENV: 'production' },
    encoding: 'utf8',
  })
  if (result.status !== 0) throw new Error(`The page cannot be built:\n${result.stdout}${result.stderr}`)
}
