export type Lang = 'en' | 'zh'

export const langs: readonly Lang[] = ['en', 'zh']

/** The value of `--lang` before the arguments are parsed: help and errors of parsing have a language too. */
function langOption(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--')
  const options = end === -1 ? argv : argv.slice(0, end)
  let found: string | undefined
  options.forEach((arg, i) => {
    if (arg === '--lang') found = options[i + 1]
    else if (arg.startsWith('--lang=')) found = arg.slice('--lang='.length)
  })
  return found
}

/**
 * Language of the interface: `--lang`, then LC_ALL, LC_MESSAGES, LANG (the first that is set, as POSIX has it), then
 * `system` where none is set, as on Windows.
 */
export function chooseLang(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  system: string = Intl.DateTimeFormat().resolvedOptions().locale,
): Lang {
  const given = langOption(argv)
  if (given === 'en' || given === 'zh') return given
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || system
  return /^zh([_.@-]|$)/i.test(locale) ? 'zh' : 'en'
}
