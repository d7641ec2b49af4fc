import { enChat } from './en-chat.js'
import { enErrors } from './en-errors.js'
import { enPaint } from './en-paint.js'
import { enSafety } from './en-safety.js'

const common = {
  title: 'VisCPM',
  skip: 'Skip to the content',
  views: { chat: 'Chat', paint: 'Paint' },
  viewsLabel: 'Views',
  switchLanguage: '中文',
  switchLanguageLabel: '切换到中文',
  settings: 'Settings',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  retry: 'Try again',
  dismiss: 'Dismiss',
  copy: 'Copy',
  copied: 'Copied.',
  notCopied: 'The browser does not allow copying.',
  more: 'More',
  loading: 'Loading …',
  sentence: (text: string): string => `${text}.`,
  together: (...sentences: string[]): string => sentences.join(' '),
  seconds: (n: number): string => `${n.toFixed(n < 10 ? 1 : 0)} s`,
  theme: { label: 'Colours', system: 'As the system', light: 'Light', dark: 'Dark' },
  language: { label: 'Language', system: 'As the browser' },
  place: {
    label: 'Where the models compute',
    server: 'On the server',
    serverHint: 'The one that this page came from.',
    browser: 'In this browser',
    browserHint: 'The embedded small model; pictures and words do not leave this device.',
    chip: { server: 'Server', browser: 'This browser' },
    state: { connecting: 'connecting', ready: 'ready', away: 'not there', key: 'needs a key' },
    alone: 'No server answers here: the embedded small model computes in this browser.',
    now: (place: string, state: string): string => `${place}: ${state}.`,
    models: (ids: string): string => `Models: ${ids}`,
  },
  key: {
    title: 'The server asks for a key',
    wrong: 'The server does not take this key.',
    explain:
      'Whoever runs the server has set API keys. Yours is kept until this tab is closed, and sent to this server only.',
    label: 'API key',
    forget: 'Forget the key',
  },
  kept: {
    label: 'Kept on this device',
    explain: 'Conversations and pictures are kept in this browser only.',
    used: (used: string, quota: string): string => `${used} of ${quota} used.`,
    deleteAll: 'Delete everything …',
    sure: 'Delete all conversations and pictures? This cannot be undone.',
    deleted: 'Everything was deleted.',
    quota:
      'This device has no room left: what is new is lost when the tab is closed. Delete some pictures or export them.',
    memory:
      'This browser keeps nothing here (private window?): conversations and pictures are lost when the tab is closed.',
    failed: 'Not kept: the browser could not write it.',
    elsewhere: 'Another tab has a newer version of this page. Reload this one.',
  },
  notFound: 'That conversation is not there any more.',
}

/** What the page says. */
export type Messages = typeof common & {
  readonly chat: typeof enChat
  readonly paint: typeof enPaint
  readonly safety: typeof enSafety
  readonly errors: typeof enErrors
}

/** The page in English. The other languages have the same fields. */
export const en: Messages = { ...common, chat: enChat, paint: enPaint, safety: enSafety, errors: enErrors }
