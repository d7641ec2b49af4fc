export type SafetyPreset = 'strict' | 'upstream' | 'off'

export const safetyPresets: readonly SafetyPreset[] = ['strict', 'upstream', 'off']
