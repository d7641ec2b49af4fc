declare module 'badwords-list' {
  const lists: { readonly array: readonly string[] }
  export default lists
}

/** One dictionary as text: `from to|from to`. */
declare module 'opencc-js/dict/STPhrases' {
  const dictionary: string
  export default dictionary
}
