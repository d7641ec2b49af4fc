export type { Report, SettingReport } from './report.js'
export { type Setting, settings } from './settings.js'
