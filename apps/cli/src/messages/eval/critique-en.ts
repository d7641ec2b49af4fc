import type { CritiqueMessages } from './critique-types.js'

export const critiqueEn: CritiqueMessages = {
  about: 'Compare who chooses best among painted pictures: the reranker, the model as its own critic, or nobody.',
  options: {
    output:
      'Folder of results and pictures; a later run goes on where it ended (default: "critique" or "critique-different-prompts")',
    among: 'Choose among pictures of one prompt, or find its picture among those of other prompts',
    prompts: 'Scenes of each kind, painted in both languages (1 to 10)',
    kinds: 'Kinds of prompts, with commas (default: all)',
    candidates: 'Pictures to choose from for each prompt',
    seed: 'Seed of the first picture',
    steps: 'Denoising steps (DPM-Solver++)',
    threads: 'Threads of each model',
    json: 'Print the figures as JSON',
  },
  running: 'Painting and choosing',
  phases: { paint: 'painting', critique: 'prompts' },
  heading: (language, prompts, decidable) =>
    `${{ en: 'English', zh: 'Chinese', both: 'Both languages' }[language]}: ${prompts} prompts, ${decidable} with right and wrong candidates`,
  headingDifferent: (language, prompts) =>
    `${{ en: 'English', zh: 'Chinese', both: 'Both languages' }[language]}: ${prompts} prompts, each one's picture among those of others`,
  columns: { chooser: 'chooser', right: 'right %', gain: 'to random', over: 'to clip', ms: 'ms a prompt' },
  choosers: {
    first: 'first candidate',
    random: 'random (expected)',
    clip: 'Chinese-CLIP',
    information: 'self: information',
    prompt: 'self: prompt',
    caption: 'self: caption',
    yes: 'self: yes',
    oracle: 'oracle',
  },
  notes: {
    'same-prompt':
      'Brackets: 95 % paired bootstrap intervals over prompts. Judge: the drawings of the embedded world and named colours, no model.',
    'different-prompts':
      'Brackets: 95 % paired bootstrap intervals over prompts. Right is the picture that was painted for the prompt; nobody judges what it shows.',
  },
  tooFew: 'there are too few prompts of other things: take more --scenes or --kinds, or fewer candidates',
  kept: file => `Results: ${file}`,
}
