import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { findChromium } from '../fixtures/chromium.js'
import type { FakeServer } from '../fixtures/fake-server.js'
import { Stage } from './browser.js'
import { chatScenes } from './chat.js'
import { offlineScenes } from './offline.js'
import { paintScenes } from './paint.js'
import { reachScenes } from './reach.js'
import type { Scene } from './scene.js'
import { troubleScenes } from './trouble.js'

const chromium = findChromium()

/** One build and one browser for all scenes; each has a server and pages of its own. */
describe.skipIf(chromium === undefined)('the page in Chromium', () => {
  let stage: Stage
  let server: FakeServer
  beforeAll(async () => {
    stage = await Stage.open(chromium!)
  }, 180_000)
  afterAll(() => stage?.close())
  beforeEach(async () => {
    server = await stage.serve()
  })
  afterEach(async () => {
    await stage.clear()
    await server.close()
    // Scripts that threw, and what the content security policy refused.
    expect(stage.complaints.splice(0)).toEqual([])
  })

  const scene: Scene = {
    get server() {
      return server
    },
    visit: (view, options) => stage.visit(`${server.url}#/${view}`, options),
  }
  describe('chat', () => chatScenes(scene))
  describe('paint', () => paintScenes(scene))
  describe('trouble', () => troubleScenes(scene))
  describe('reach', () => reachScenes(scene))
  describe('offline', () => offlineScenes(scene, () => stage.dist))
})
