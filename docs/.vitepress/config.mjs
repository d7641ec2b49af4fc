// @ts-check
// The site is built by `pnpm run docs`, which gathers the pages first: scripts/docs.mjs.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'
import { anchorOf } from '../../scripts/lib/links.mjs'
import { sidebar } from './contents.mjs'
import { searchWords } from './search.mjs'

const srcDir = '.work/site'
const pages = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', srcDir)
const exists = (/** @type {string} */ page) => existsSync(path.join(pages, `${page}.md`))

const zhSearch = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
  modal: {
    displayDetails: '显示详细列表',
    resetButtonTitle: '清除',
    backButtonTitle: '关闭搜索',
    noResultsText: '没有找到',
    footer: { selectText: '打开', navigateText: '上下移动', closeText: '关闭' },
  },
}

export default defineConfig({
  title: 'VisCPM',
  description: 'Pictures and words, in Chinese and English, on your own machine',
  srcDir,
  srcExclude: ['public/**'], // pages as plain Markdown, for llms.txt
  outDir: '.vitepress/dist',
  cacheDir: '.vitepress/cache',
  base: process.env.VISCPM_DOCS_BASE ?? '/',
  metaChunk: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]], // none: a browser would ask for one
  vite: {
    // The index of the search is fetched when somebody searches, not with a page.
    build: { chunkSizeWarningLimit: 8000 },
    logLevel: 'warn',
  },
  markdown: { anchor: { slugify: anchorOf } },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: { nav: nav('en'), sidebar: sidebar('en', exists) } },
    zh: {
      label: '简体中文',
      lang: 'zh-CN',
      description: '用中文和英文看图、聊天、画图，全在你自己的机器上',
      themeConfig: {
        nav: nav('zh'),
        sidebar: sidebar('zh', exists),
        outline: { label: '本页内容', level: [2, 3] },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '深色模式',
        lightModeSwitchTitle: '切换到浅色模式',
        darkModeSwitchTitle: '切换到深色模式',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '切换语言',
        skipToContentLabel: '跳到正文',
        notFound: { title: '没有这一页', quote: '链接可能已经过时。', linkLabel: '回到首页', linkText: '回到首页' },
      },
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        locales: { zh: { translations: zhSearch } },
        miniSearch: { options: { tokenize: searchWords } },
      },
    },
  },
})

/** @param {'en' | 'zh'} language @returns {import('vitepress').DefaultTheme.NavItem[]} */
function nav(language) {
  const zh = language === 'zh'
  const at = (/** @type {string} */ page) => (zh && exists(`zh/${page}`) ? `/zh/${page}` : `/${page}`)
  return [
    { text: zh ? '快速上手' : 'Getting started', link: at('getting-started') },
    { text: zh ? '示例程序' : 'Examples', link: at('examples') },
    { text: zh ? 'API 参考' : 'API', link: '/api/' },
  ]
}
