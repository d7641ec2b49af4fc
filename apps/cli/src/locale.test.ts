import { describe, expect, it } from 'vitest'
import { chooseLang } from './locale.js'

describe('chooseLang', () => {
  it.each<[string, string[], Record<string, string>, string, string]>([
    ['--lang first', ['chat', 'a', '--lang', 'zh'], { LC_ALL: 'en_US.UTF-8' }, 'en', 'zh'],
    ['--lang= too', ['--lang=en'], { LANG: 'zh_CN.UTF-8' }, 'zh', 'en'],
    ['the last --lang', ['--lang', 'zh', '--lang', 'en'], {}, 'zh', 'en'],
    ['nothing after --', ['chat', '--', '--lang', 'zh'], {}, 'en', 'en'],
    ['an unknown --lang falls back', ['--lang', 'fr'], { LANG: 'zh_TW' }, 'en', 'zh'],
    ['LC_ALL before LANG', [], { LC_ALL: 'C', LANG: 'zh_CN' }, 'zh', 'en'],
    ['LC_MESSAGES before LANG', [], { LC_MESSAGES: 'zh_CN.UTF-8', LANG: 'en_US' }, 'en', 'zh'],
    ['an empty LC_ALL is none', [], { LC_ALL: '', LANG: 'zh' }, 'en', 'zh'],
    ['the system where nothing is set', [], {}, 'zh-Hans-CN', 'zh'],
    ['other languages are English', [], { LANG: 'de_DE' }, 'zh', 'en'],
    ['zh is a word', [], { LANG: 'zhx' }, 'zh', 'en'],
  ])('%s', (_what, argv, env, system, expected) => {
    expect(chooseLang(argv, env, system)).toBe(expected)
  })
})
