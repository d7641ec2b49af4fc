import { describe, expect, it } from 'vitest'
import { guides, sidebar } from '../../docs/.vitepress/contents.mjs'
import { searchWords } from '../../docs/.vitepress/search.mjs'
import { pageFiles } from './gather-site.mjs'
import { pageOf } from './site-pages.mjs'

describe('searchWords', () => {
  it('finds words in both languages', () => {
    expect(searchWords('The int8 `UNet`, vocab_size.')).toEqual(['the', 'int8', 'unet', 'vocab_size'])
    expect(searchWords('更换采样器')).toEqual(['更换', '换采', '采样', '样器'])
    expect(searchWords('用CPU画 图')).toEqual(['用', 'cpu', '画', '图'])
  })

  it('works from its source alone, as the browser gets it', () => {
    expect(new Function('text', `return (${searchWords})(text)`)('a 画图')).toEqual(['a', '画图'])
  })
})

describe('sidebar', () => {
  const pages = ['safety', 'zh/safety', 'devices', 'packages/core']
  const links = (language: 'en' | 'zh'): unknown[] =>
    sidebar(language, page => pages.includes(page)).flatMap(section => section.items ?? [])

  it('leaves out what is not there, and says what is in English only', () => {
    expect(links('en')).toEqual([
      { text: 'Devices', link: '/devices' },
      { text: 'Safety', link: '/safety' },
      { text: '@viscpm/core', link: '/packages/core' },
    ])
    expect(links('zh')).toEqual([
      { text: '计算设备（英文）', link: '/devices' },
      { text: '安全', link: '/zh/safety' },
      { text: '@viscpm/core', link: '/packages/core' },
    ])
  })

  it('names every guide in docs/', () => {
    const listed = guides.flatMap(section => section.guides.map(guide => `${guide.page}.md`))
    const written = pageFiles().map(file => pageOf(file) ?? '')
    const top = written.filter(page => !page.includes('/') && page !== 'index.md')
    expect(top.filter(page => !listed.includes(page))).toEqual([])
  })
})
