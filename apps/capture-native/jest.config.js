/** Resolves packages like metro.config.js: one copy of each, from this project. */
module.exports = {
  preset: 'jest-expo/ios',
  testMatch: ['<rootDir>/src/**/*.test.{ts,tsx}', '<rootDir>/*.test.ts'],
  setupFilesAfterEnv: ['<rootDir>/jest.setup.ts'],
  testTimeout: 240_000,
  moduleNameMapper: {
    '^@spinbay/capture/(.*)$': '<rootDir>/../capture/src/$1',
    '^@spinbay/([a-z]+)$': '<rootDir>/../../packages/$1/src/index.ts',
    '^@spinbay/([a-z]+)/([a-z-]+)$': '<rootDir>/../../packages/$1/src/$2.ts',
    '^(@babel/runtime|react|react-native|react-router|zod)((?:/.*)?)$': '<rootDir>/node_modules/$1$2',
  },
};
