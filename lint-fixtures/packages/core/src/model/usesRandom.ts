// expect: no-restricted-properties
export const draw = () => Math.random()
