const path = require('node:path');

module.exports = (api) => {
  api.cache(true);
  // A package of expo, which npm does not put beside it.
  const expo = path.dirname(require.resolve('expo/package.json'));
  return { presets: [require.resolve('babel-preset-expo', { paths: [expo] })] };
};
